import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useKeyNames, useNames } from "~/api/names";
import { type RequestRecord, requestQuery } from "~/api/requests";
import { fullCount } from "~/format/counts";
import { duration, exactMoment } from "~/format/time";
import { operationName, sentence } from "~/format/words";
import { CopyText } from "~/parts/Copy";
import { Fact, Facts } from "~/parts/Facts";
import { Section } from "~/parts/Page";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState, LoadingRows } from "~/parts/States";
import { toModel } from "~/urls/toModel";
import { CostBreakdown } from "./CostBreakdown";
import { Status } from "./columns";
import classes from "./Logs.module.css";
import { tokensPerSecond } from "./speed";
import { Waterfall } from "./Waterfall";

/** Everything that is recorded of one request. */
export function RequestPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const request = useQuery(requestQuery(id));
  return (
    <SidePanel
      title={`Request ${id}`}
      heading={
        <>
          Request <CopyText value={id} />
        </>
      }
      onClose={onClose}
    >
      {request.isPending && <LoadingRows rows={10} />}
      {request.error && (
        <ErrorState error={request.error} what="The request could not be read." onRetry={request.refetch} />
      )}
      {request.data && <Details request={request.data} />}
    </SidePanel>
  );
}

function Details({ request }: { request: RequestRecord }) {
  return (
    <>
      {request.error && <Failure error={request.error} />}
      <Section title="Attempts" note={`${duration(request.duration_ms)} from begin to end`}>
        <Waterfall request={request} />
      </Section>
      {request.excluded.length > 0 && <Excluded request={request} />}
      <Section
        title="Tokens and cost"
        note={request.estimate ? "An estimate: the provider reported no usage." : undefined}
      >
        <CostBreakdown request={request} />
      </Section>
      {request.lost.length > 0 && <Lost request={request} />}
      <Section title="Request">
        <About request={request} />
      </Section>
    </>
  );
}

function Failure({ error }: { error: NonNullable<RequestRecord["error"]> }) {
  return (
    <div className={classes.failure} role="note">
      <strong>{sentence(error.kind)}</strong>
      {error.code && <span className="mono small"> {error.code}</span>}
      <p>{error.message}</p>
      {error.param && (
        <p className="dim small">
          Field <code>{error.param}</code>
        </p>
      )}
    </div>
  );
}

function Excluded({ request }: { request: RequestRecord }) {
  const nameOf = useNames();
  return (
    <Section title="Not tried" note="Offerings that the plan passed over, and why.">
      <ul className={classes.excluded}>
        {request.excluded.map(({ provider, model, reason }) => (
          <li key={`${provider} ${model} ${reason}`}>
            {nameOf(provider)} <span className="mono dim small">{model}</span>
            <span className={classes.reason}>{sentence(reason)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Lost({ request }: { request: RequestRecord }) {
  return (
    <Section title="Lost in translation" note="What the provider's dialect has no place for.">
      <ul className={classes.excluded}>
        {request.lost.map(({ field, kind }) => (
          <li key={field}>
            <code>{field}</code>
            <span className={classes.reason}>{kind}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function About({ request }: { request: RequestRecord }) {
  const nameOfKey = useKeyNames();
  const speed = tokensPerSecond(request);
  return (
    <Facts>
      <Fact name="Status">
        <Status request={request} /> {request.interrupted && "interrupted"}
      </Fact>
      <Fact name="Began">{exactMoment(request.at).split("\n")[0]}</Fact>
      <Fact name="Door">
        <code>{request.door}</code> {request.stream ? "streamed" : "whole"} ·{" "}
        {operationName(request.operation)}
      </Fact>
      <Fact name="Model">
        {request.model ? <Link {...toModel(request.model)}>{request.model}</Link> : "none"}
        {request.requested_model !== request.model && (
          <span className="dim">asked for as {request.requested_model}</span>
        )}
      </Fact>
      <Fact name="First content">
        {request.first_token_ms === null ? "none" : duration(request.first_token_ms)}
      </Fact>
      {speed !== null && <Fact name="Speed">{fullCount(speed)} tokens a second</Fact>}
      <Fact name="Key">
        <Link to="/keys" search={{ key: request.key }}>
          {nameOfKey(request.key)}
        </Link>
      </Fact>
      {request.client_request_id && (
        <Fact name="Client's id">
          <CopyText value={request.client_request_id} />
        </Fact>
      )}
    </Facts>
  );
}
