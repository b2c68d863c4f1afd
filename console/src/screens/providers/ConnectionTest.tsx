import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Provider, testProvider } from "~/api/providers";
import { duration } from "~/format/time";
import { outcomeName } from "~/format/words";
import { Actions } from "~/parts/Form";
import { Money } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { ErrorState } from "~/parts/States";
import classes from "./Providers.module.css";

/** Whether a provider answers, with the credential that requests would use. */
export function ConnectionTest({ provider }: { provider: Provider }) {
  const test = useMutation({ mutationFn: () => testProvider(provider.id) });
  const result = test.data;
  return (
    <Section title="Connection" note="Asks the smallest question there is, which may cost a little.">
      <Actions>
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
      </Actions>
      {result && !result.ok && (
        <p className={classes.bad} role="alert">
          {outcomeName(result.outcome)}
          {result.status !== null && ` (${result.status})`}: {result.message}
          {result.outcome === "credential" && " Remove the key above, and store the right one."}
        </p>
      )}
      {test.error && <ErrorState error={test.error} what="The test could not be made." />}
    </Section>
  );
}
