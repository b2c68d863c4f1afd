import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Figures } from "~/api/performance";
import { forgetProvider, type Provider, putProvider } from "~/api/providers";
import { fullCount } from "~/format/counts";
import { Actions } from "~/parts/Form";
import { LinkButton } from "~/parts/LinkButton";
import { Section } from "~/parts/Page";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { About } from "./About";
import { ConnectionTest } from "./ConnectionTest";
import { Credentials } from "./Credentials";
import { Measured } from "./Measured";
import { State } from "./State";
import { useProvidersChanged } from "./useProvidersChanged";

interface Props {
  provider: Provider;
  figures: Figures | undefined;
  onClose: () => void;
}

/** One provider: its credentials, a test of its connection, its figures and terms. */
export function ProviderPanel({ provider, figures, onClose }: Props) {
  return (
    <SidePanel title={provider.name} onClose={onClose}>
      <Actions>
        <State provider={provider} />
        <LinkButton to="/models" search={{ provider: [provider.id] }} variant="default" size="xs">
          {fullCount(provider.models)} models
        </LinkButton>
        <LinkButton to="/logs" search={{ provider: provider.id }} variant="default" size="xs">
          Its requests
        </LinkButton>
      </Actions>
      {provider.managed_by === "file" ? (
        <p className="dim">tollgate.toml declares it: it is changed there.</p>
      ) : (
        <Credentials provider={provider} />
      )}
      {provider.enabled && <ConnectionTest provider={provider} />}
      {figures && <Measured figures={figures} />}
      <About provider={provider} />
      {provider.managed_by !== "file" && <Switch provider={provider} />}
    </SidePanel>
  );
}

function Switch({ provider }: { provider: Provider }) {
  const changed = useProvidersChanged();
  const change = useMutation({
    mutationFn: async () => {
      if (provider.managed_by === "stored") await forgetProvider(provider.id);
      else await putProvider(provider.id, { enabled: !provider.enabled });
    },
    onSuccess: changed,
  });
  const does =
    provider.managed_by === "stored"
      ? "Take back what was changed here"
      : provider.enabled
        ? "Disable"
        : null;
  if (does === null) return null;
  return (
    <Section title="Change">
      <Actions>
        <Button size="xs" variant="default" loading={change.isPending} onClick={() => change.mutate()}>
          {does}
        </Button>
      </Actions>
      {change.error && <ErrorState error={change.error} what="It was not changed." />}
    </Section>
  );
}
