import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Figures } from "~/api/performance";
import { forgetProvider, type Provider, putProvider } from "~/api/providers";
import { fullCount } from "~/format/counts";
import { Confirm } from "~/parts/Confirm";
import { Actions } from "~/parts/Form";
import { LinkButton } from "~/parts/LinkButton";
import { Section } from "~/parts/Page";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { About } from "./About";
import { ConnectionTest } from "./ConnectionTest";
import { Credentials } from "./Credentials";
import { Measured } from "./Measured";
import classes from "./Providers.module.css";
import { State } from "./State";
import { useProvidersChanged } from "./useProvidersChanged";

interface Props {
  provider: Provider;
  figures: Figures | undefined;
  onEdit: () => void;
  onClose: () => void;
}

/** One provider: its credentials, a test of its connection, its figures and terms. */
export function ProviderPanel({ provider, figures, onEdit, onClose }: Props) {
  return (
    <SidePanel title={provider.name} onClose={onClose}>
      <Actions>
        <State provider={provider} />
        <LinkButton to="/models" search={{ provider: [provider.id] }} variant="default" size="xs">
          {fullCount(provider.models)} {provider.models === 1 ? "model" : "models"}
        </LinkButton>
        <LinkButton to="/logs" search={{ provider: provider.id }} variant="default" size="xs">
          Its requests
        </LinkButton>
      </Actions>
      {provider.problem && (
        <p role="alert" className={classes.bad}>
          What is stored of it does not fit, so it is not asked: {provider.problem}
        </p>
      )}
      {provider.managed_by === "file" ? (
        <p className="dim">tollgate.toml declares it: it is changed there.</p>
      ) : (
        <Credentials provider={provider} />
      )}
      {provider.enabled && <ConnectionTest provider={provider} />}
      {figures && <Measured figures={figures} />}
      <About provider={provider} />
      {provider.managed_by !== "file" && <Switch provider={provider} onEdit={onEdit} />}
    </SidePanel>
  );
}

/** Whether the catalogue does not know it: it was made here, and is gone without what was said here. */
export function isOwn({ evidence, managed_by }: Provider): boolean {
  return evidence === null && managed_by === "stored";
}

function Switch({ provider, onEdit }: Pick<Props, "provider" | "onEdit">) {
  const changed = useProvidersChanged();
  const [asking, setAsking] = useState(false);
  const disable = useMutation({
    mutationFn: () => putProvider(provider.id, { enabled: false }),
    onSuccess: changed,
  });
  const stored = provider.managed_by === "stored";
  if (!stored && !provider.enabled) return null;
  const own = isOwn(provider);
  return (
    <Section title="Change">
      <Actions>
        {own && provider.said && (
          <Button size="xs" variant="default" onClick={onEdit}>
            Edit
          </Button>
        )}
        {stored ? (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            {own ? "Remove the provider" : "Take back what was changed here"}
          </Button>
        ) : (
          <Button size="xs" variant="default" loading={disable.isPending} onClick={() => disable.mutate()}>
            Disable
          </Button>
        )}
      </Actions>
      {disable.error && <ErrorState error={disable.error} what="It was not changed." />}
      {asking && (
        <Confirm
          title={own ? `Remove ${provider.name}?` : `Take back what was changed of ${provider.name}?`}
          action={own ? "Remove" : "Take back"}
          destroys={own}
          failed="It was not changed."
          run={() => forgetProvider(provider.id)}
          onDone={async () => {
            setAsking(false);
            await changed();
          }}
          onClose={() => setAsking(false)}
        >
          {own
            ? "Its models cannot be asked for any more. Its records stay."
            : "What the catalogue says of it holds again: address, dialects, models."}
        </Confirm>
      )}
    </Section>
  );
}
