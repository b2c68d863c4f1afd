import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { addCredential, deleteCredential, type Provider } from "~/api/providers";
import { Confirm } from "~/parts/Confirm";
import { Actions, Form, typed } from "~/parts/Form";
import { Section } from "~/parts/Page";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import classes from "./Providers.module.css";
import { useProvidersChanged } from "./useProvidersChanged";

/** The keys that requests to a provider go with: added here, removed, never shown. */
export function Credentials({ provider }: { provider: Provider }) {
  const [secret, setSecret] = useState("");
  const [name, setName] = useState<string | null>(null);
  const named = name ?? freeName(provider);
  const changed = useProvidersChanged();
  const add = useMutation({
    mutationFn: () => addCredential(provider.id, { name: named, api_key: secret }),
    onSuccess: async () => {
      setSecret("");
      setName(null);
      await changed();
    },
  });
  const [removing, setRemoving] = useState<Provider["credentials"][number] | null>(null);
  if (provider.credential === "not_needed") return null;
  const variables = provider.env.join(" or ");
  return (
    <Section title="Credentials" note="Sealed before they are stored; never shown again.">
      {provider.credential === "environment" && (
        <p className="dim">Its key comes from the environment ({variables}).</p>
      )}
      {removing && (
        <Confirm
          title={`Remove ${removing.name}?`}
          action="Remove"
          destroys
          failed="The key was not removed."
          run={() => deleteCredential(removing.id)}
          onDone={async () => {
            setRemoving(null);
            await changed();
          }}
          onClose={() => setRemoving(null)}
        >
          Nobody can read it here again. Where it is the only one, {provider.name} serves nothing any more.
        </Confirm>
      )}
      {provider.credentials.map((one) => (
        <div key={one.id} className={classes.credential}>
          <span>{one.name}</span>
          <span className="dim small">
            added <When at={one.created_at} />
          </span>
          {one.problem && <span className={classes.bad}>{one.problem}</span>}
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRemoving(one)}>
            Remove
          </Button>
        </div>
      ))}
      {provider.credential === "missing" && (
        <p className="dim">Requests go to it once it has a key. Where it asks for none, any word will do.</p>
      )}
      <Form onSubmit={() => add.mutate()}>
        <PasswordInput
          label="API key"
          description={variables && `Or set ${variables} where the gateway starts.`}
          autoComplete="off"
          required
          {...typed(secret, setSecret)}
        />
        <TextInput label="Name" required {...typed(named, setName)} />
        {add.error && <ErrorState error={add.error} what="The key was not stored." />}
        <Actions>
          <Button type="submit" size="xs" loading={add.isPending}>
            Store the key
          </Button>
        </Actions>
      </Form>
    </Section>
  );
}

/** A name that no key of it has yet: `default`, `key-2`, `key-3` … */
function freeName({ credentials }: Provider): string {
  const taken = new Set(credentials.map(({ name }) => name));
  let name = "default";
  for (let at = 2; taken.has(name); at += 1) name = `key-${at}`;
  return name;
}
