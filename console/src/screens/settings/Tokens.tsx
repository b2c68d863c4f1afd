import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createToken, deleteToken, type ManagementToken, tokensQuery } from "~/api/tokens";
import { Confirm } from "~/parts/Confirm";
import { CopyText } from "~/parts/Copy";
import { InlineForm, typed } from "~/parts/Form";
import { Section } from "~/parts/Page";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import classes from "./Settings.module.css";

/** What programs use the admin API with. */
export function Tokens() {
  const tokens = useQuery(tokensQuery);
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const changed = () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const make = useMutation({
    mutationFn: () => createToken(name),
    onSuccess: async () => {
      setName("");
      await changed();
    },
  });
  const [deleting, setDeleting] = useState<ManagementToken | null>(null);
  const error = tokens.error ?? make.error;
  return (
    <Section title="Management tokens" note="They open the admin API, and no model.">
      {make.data && (
        <p>
          <CopyText value={make.data.token} label="the token" />{" "}
          <span className="dim">is shown this once.</span>
        </p>
      )}
      {tokens.data?.map((token) => (
        <div key={token.id} className={classes.token}>
          <span>{token.name}</span>
          <span className="dim small">
            made <When at={token.created_at} />
          </span>
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setDeleting(token)}>
            Delete
          </Button>
        </div>
      ))}
      {deleting && (
        <Confirm
          title={`Delete ${deleting.name}?`}
          action="Delete"
          destroys
          failed="The token was not deleted."
          run={() => deleteToken(deleting.id)}
          onDone={async () => {
            setDeleting(null);
            await changed();
          }}
          onClose={() => setDeleting(null)}
        >
          What uses it is refused from now on. This cannot be taken back.
        </Confirm>
      )}
      {error && <ErrorState error={error} what="That did not work." />}
      <InlineForm onSubmit={() => make.mutate()}>
        <TextInput
          size="xs"
          placeholder="What uses it"
          aria-label="Name of the token"
          required
          {...typed(name, setName)}
        />
        <Button type="submit" size="xs" variant="default" loading={make.isPending}>
          Make a token
        </Button>
      </InlineForm>
    </Section>
  );
}
