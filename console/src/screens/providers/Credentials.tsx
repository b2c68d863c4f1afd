import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { addCredential, deleteCredential, type Provider } from "~/api/providers";
import { Section } from "~/parts/Page";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import classes from "./Providers.module.css";
import { useProvidersChanged } from "./useProvidersChanged";

/** The keys that requests to a provider go with: added here, removed, never shown. */
export function Credentials({ provider }: { provider: Provider }) {
  const [secret, setSecret] = useState("");
  const [name, setName] = useState("default");
  const changed = useProvidersChanged();
  const add = useMutation({
    mutationFn: () => addCredential(provider.id, { name, api_key: secret }),
    onSuccess: async () => {
      setSecret("");
      await changed();
    },
  });
  const remove = useMutation({ mutationFn: deleteCredential, onSuccess: changed });
  if (provider.credential === "not_needed") return null;
  const variables = provider.env.join(" or ");
  return (
    <Section title="Credentials" note="Sealed before they are stored; never shown again.">
      {provider.credential === "environment" && (
        <p className="dim">Its key comes from the environment ({variables}).</p>
      )}
      {provider.credentials.map((one) => (
        <div key={one.id} className={classes.credential}>
          <span>{one.name}</span>
          <span className="dim small">
            added <When at={one.created_at} />
          </span>
          {one.problem && <span className={classes.bad}>{one.problem}</span>}
          <Button
            size="compact-xs"
            variant="subtle"
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(one.id)}
          >
            Remove
          </Button>
        </div>
      ))}
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <PasswordInput
          label="API key"
          description={variables && `Or set ${variables} where the gateway starts.`}
          autoComplete="off"
          required
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {add.error && <ErrorState error={add.error} what="The key was not stored." />}
        {remove.error && <ErrorState error={remove.error} what="The key was not removed." />}
        <div className={classes.actions}>
          <Button type="submit" size="xs" loading={add.isPending}>
            Store the key
          </Button>
        </div>
      </form>
    </Section>
  );
}
