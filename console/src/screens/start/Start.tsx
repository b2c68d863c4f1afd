import { Button, TextInput } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { modelsQuery } from "~/api/catalogue";
import { createKey, keysQuery } from "~/api/keys";
import { useChosenKey } from "~/api/knownKeys";
import { latestOfKeyQuery, type RequestRecord } from "~/api/requests";
import { shortCount } from "~/format/counts";
import { duration } from "~/format/time";
import { CopyText } from "~/parts/Copy";
import { typed } from "~/parts/Form";
import { LinkButton } from "~/parts/LinkButton";
import { Money } from "~/parts/Money";
import { Page } from "~/parts/Page";
import { ErrorState } from "~/parts/States";
import { Snippets } from "~/snippets/Snippets";
import type { Language } from "~/snippets/snippets";
import classes from "./Start.module.css";

/** From nothing to a working request: a key, a sample in the language of choice, and the gateway's own word that it came. */
export default function Start() {
  const key = useChosenKey();
  const [shown, setShown] = useState<{ door?: string; lang?: Language }>({ lang: "curl" });
  const request = useQuery({
    ...latestOfKeyQuery(key?.id ?? ""),
    enabled: key !== null,
    refetchInterval: 1500,
  });
  const arrived = request.data;
  const model = useFirstModel();
  return (
    <Page title="Get started" note="Three steps to a working request.">
      <ol className={classes.steps}>
        <Step done={key !== null} title="Make a key">
          {key === null ? (
            <MakeKey />
          ) : (
            <p>
              <CopyText value={key.secret} label="the key" />
              <span className="dim"> is shown this once: copy it now, it can be read nowhere later.</span>
            </p>
          )}
        </Step>
        <Step done={arrived !== undefined && arrived !== null} title="Send a request">
          <p className="dim">
            The built-in simulator answers: no provider and no network is needed, and nothing is billed to
            anybody.
          </p>
          <Snippets
            operation="chat"
            model={model}
            other="simulator/fast"
            door={shown.door}
            language={shown.lang}
            onChange={(change) => setShown((old) => ({ ...old, ...change }))}
          />
        </Step>
        <Step done={Boolean(arrived)} title="See it arrive">
          {arrived ? <Arrived request={arrived} /> : <Waiting ready={key !== null} />}
        </Step>
      </ol>
    </Page>
  );
}

/** A model that answers on every fresh installation. */
function useFirstModel(): string {
  const callable = useQuery(modelsQuery).data?.filter((model) => model.callable) ?? [];
  const echo = "simulator/echo";
  return callable.some(({ id }) => id === echo) ? echo : (callable[0]?.id ?? echo);
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  return (
    <li className={classes.step}>
      <span className={classes.mark} data-done={done}>
        {done ? <IconCircleCheck size={20} /> : <IconCircleDashed size={20} />}
      </span>
      <div className={classes.body}>
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

function MakeKey() {
  const [project, setProject] = useState("first-project");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => createKey({ project, name: `first-key-${Date.now().toString(36)}` }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  return (
    <form
      className={classes.make}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <TextInput
        label="Project"
        description="Keys belong to projects; spend is summed by them."
        required
        {...typed(project, setProject)}
      />
      <Button type="submit" loading={make.isPending}>
        Make a key
      </Button>
      {make.error && <ErrorState error={make.error} what="The key was not made." />}
    </form>
  );
}

function Waiting({ ready }: { ready: boolean }) {
  return <p className="dim">{ready ? "Waiting for a request with this key …" : "Make a key first."}</p>;
}

function Arrived({ request }: { request: RequestRecord }) {
  const { usage } = request;
  const worked = request.status < 400;
  return (
    <>
      <p role="status">
        <strong>{worked ? "It works." : "It came, and was refused."}</strong> {request.door} answered{" "}
        {request.status} in {duration(request.duration_ms)}:{" "}
        {shortCount(usage.input + usage.cache_read + usage.cache_write)} tokens in, {shortCount(usage.output)}{" "}
        out, <Money usd={request.cost_usd} />.
      </p>
      {request.error && <p className={classes.error}>{request.error.message}</p>}
      <div className={classes.next}>
        <LinkButton to="/logs" search={{ request: request.id }} size="xs">
          See it in the logs
        </LinkButton>
        <LinkButton to="/models" variant="default" size="xs">
          Choose a model
        </LinkButton>
        <LinkButton to="/simulator" variant="default" size="xs">
          Try models side by side
        </LinkButton>
      </div>
    </>
  );
}
