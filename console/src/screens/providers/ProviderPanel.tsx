import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Figures } from "~/api/performance";
import {
  addCredential,
  deleteCredential,
  forgetProvider,
  type Provider,
  putProvider,
  testProvider,
} from "~/api/providers";
import { fullCount, percent } from "~/format/counts";
import { duration } from "~/format/time";
import { grantedName, sentence } from "~/format/words";
import { Fact, Facts } from "~/parts/Facts";
import { LinkButton } from "~/parts/LinkButton";
import { Money } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import { State } from "./Providers";
import classes from "./Providers.module.css";

interface Props {
  provider: Provider;
  figures: Figures | undefined;
  onClose: () => void;
}

/** One provider: its credentials, a test of its connection, its figures and terms. */
export function ProviderPanel({ provider, figures, onClose }: Props) {
  return (
    <SidePanel title={provider.name} onClose={onClose}>
      <div className={classes.actions}>
        <State provider={provider} />
        <LinkButton to="/models" search={{ provider: [provider.id] }} variant="default" size="xs">
          {fullCount(provider.models)} models
        </LinkButton>
        <LinkButton to="/logs" search={{ provider: provider.id }} variant="default" size="xs">
          Its requests
        </LinkButton>
      </div>
      {provider.managed_by === "file" ? (
        <p className="dim">tollgate.toml declares it: it is changed there.</p>
      ) : (
        <Credentials provider={provider} />
      )}
      {provider.enabled && <Test provider={provider} />}
      {figures && <Measured figures={figures} />}
      <About provider={provider} />
      {provider.managed_by !== "file" && <Switch provider={provider} />}
    </SidePanel>
  );
}

/** After a change of providers, models can be called that could not, and the other way round. */
export function useProvidersChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      ["providers", "models", "model"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
}

function Credentials({ provider }: { provider: Provider }) {
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

function Test({ provider }: { provider: Provider }) {
  const test = useMutation({ mutationFn: () => testProvider(provider.id) });
  const result = test.data;
  return (
    <Section title="Connection" note="Asks the smallest question there is, which may cost a little.">
      <div className={classes.actions}>
        <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
          Test
        </Button>
        {result?.ok && (
          <span className={classes.good} role="status">
            {result.model} answered in {duration(result.duration_ms)},{" "}
            <Money usd={result.cost_usd} why="unpriced" />.
          </span>
        )}
        {result?.request && (
          <Link to="/logs" search={{ request: result.request }}>
            See the request
          </Link>
        )}
      </div>
      {result && !result.ok && (
        <p className={classes.bad} role="alert">
          {sentence(result.outcome)}
          {result.status !== null && ` (${result.status})`}: {result.message}
        </p>
      )}
      {test.error && <ErrorState error={test.error} what="The test could not be made." />}
    </Section>
  );
}

function Measured({ figures }: { figures: Figures }) {
  const { sums, first_token_ms: first, tokens_per_second: speed, success, uptime, minutes } = figures;
  const outcomes = Object.entries(figures.outcomes).sort(([, one], [, other]) => other - one);
  return (
    <Section title="In the last 24 hours" note={`${fullCount(sums.requests)} calls of this gateway`}>
      <Facts>
        {first.p50 !== null && (
          <Fact name="TTFT">
            p50 {duration(first.p50)}, p95 {duration(first.p95 ?? first.p50)}{" "}
            <span className="dim">n = {fullCount(first.samples)}</span>
          </Fact>
        )}
        {speed.p50 !== null && (
          <Fact name="Speed">
            p50 {Math.round(speed.p50)} tok/s <span className="dim">n = {fullCount(speed.samples)}</span>
          </Fact>
        )}
        {success !== null && <Fact name="Success">{percent(success)}</Fact>}
        {uptime !== null && (
          <Fact name="Uptime">
            {percent(uptime)} <span className="dim">of {fullCount(minutes)} minutes with traffic</span>
          </Fact>
        )}
        <Fact name="Outcomes">
          {outcomes.map(([name, count]) => `${sentence(name)} ${fullCount(count)}`).join(", ")}
        </Fact>
        <Fact name="Cost">
          <Money usd={sums.cost_usd} />
        </Fact>
      </Facts>
    </Section>
  );
}

const LINKS = ["docs", "pricing", "terms", "privacy", "status"] as const;

function About({ provider }: { provider: Provider }) {
  const { links, data } = provider;
  const given = LINKS.flatMap((name) => (links[name] ? [{ name, address: links[name] }] : []));
  return (
    <Section title="About">
      <Facts>
        <Fact name="Id">
          <span className="mono">{provider.id}</span>
        </Fact>
        {provider.endpoints.map(({ dialect, base_url }) => (
          <Fact key={dialect} name={dialect}>
            <span className="mono">{base_url}</span>
          </Fact>
        ))}
        <Fact name="Zero retention">{grantedName(data.zero_retention)}</Fact>
        <Fact name="No training">{grantedName(data.no_training)}</Fact>
        <Fact name="Headquarters">{provider.headquarters ?? "not known"}</Fact>
        {provider.regions.length > 0 && <Fact name="Regions">{provider.regions.join(", ")}</Fact>}
        {provider.evidence && <Fact name="Evidence">{provider.evidence}</Fact>}
        {given.length > 0 && (
          <Fact name="Read">
            {given.map(({ name, address }) => (
              <a key={name} href={address ?? ""} target="_blank" rel="noreferrer">
                {name}
              </a>
            ))}
          </Fact>
        )}
      </Facts>
    </Section>
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
      <div className={classes.actions}>
        <Button size="xs" variant="default" loading={change.isPending} onClick={() => change.mutate()}>
          {does}
        </Button>
      </div>
      {change.error && <ErrorState error={change.error} what="It was not changed." />}
    </Section>
  );
}
