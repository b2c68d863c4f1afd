import type { RequestRecord, Usage } from "~/api/requests";
import { fullCount, shortCount } from "~/format/counts";
import { clockOrDay, duration, exactMoment } from "~/format/time";
import { Chip } from "~/parts/Chip";
import { CopyText } from "~/parts/Copy";
import { Missing, Money } from "~/parts/Money";
import type { Column } from "~/parts/tableHead";
import { When } from "~/parts/When";
import classes from "./Logs.module.css";
import { tokensPerSecond } from "./speed";
import { toneOf } from "./tone";

/** Ids begin with the time, and are told apart by their ends. */
const SHOWN_OF_ID = 8;

/** What the list shows of each request. */
export function columns(nameOfKey: (id: string) => string): Column<RequestRecord>[] {
  return [
    {
      id: "at",
      header: "Time",
      width: "98px",
      cell: ({ at }) => (
        <time dateTime={at} title={exactMoment(at)}>
          {clockOrDay(at, Date.now())}
        </time>
      ),
    },
    { id: "status", header: "Status", width: "66px", cell: (request) => <Status request={request} /> },
    { id: "model", header: "Model", cell: (request) => <Model request={request} /> },
    {
      id: "provider",
      header: "Provider",
      width: "104px",
      cell: ({ provider }) => provider || <Missing why="None was asked." />,
    },
    { id: "key", header: "Key", width: "108px", wideOnly: true, cell: ({ key }) => nameOfKey(key) },
    {
      id: "tokens",
      header: "Tokens",
      unit: "in → out",
      align: "right",
      width: "118px",
      cell: ({ usage }) => <Tokens usage={usage} />,
    },
    {
      id: "cost",
      header: "Cost",
      align: "right",
      width: "100px",
      cell: (request) => <Cost request={request} />,
    },
    {
      id: "ttft",
      header: "TTFT",
      hint: "Time to the first content",
      align: "right",
      width: "72px",
      wideOnly: true,
      cell: ({ first_token_ms: ms }) => (ms === null ? <Missing why="No content came." /> : duration(ms)),
    },
    {
      id: "tps",
      header: "Speed",
      unit: "tok/s",
      hint: "Output tokens a second after the first content, of streams",
      align: "right",
      width: "92px",
      wideOnly: true,
      cell: (request) => {
        const speed = tokensPerSecond(request);
        return speed === null ? (
          <Missing why="Measured of streams with ten tokens or more." />
        ) : (
          fullCount(speed)
        );
      },
    },
    {
      id: "duration",
      header: "Took",
      align: "right",
      width: "72px",
      cell: ({ duration_ms }) => duration(duration_ms),
    },
    {
      id: "id",
      header: "Id",
      hint: "The end of the request's id, which is copied whole",
      width: "106px",
      wideOnly: true,
      cell: ({ id }) => (
        <CopyText value={id} label={`the id of request ${id}`}>
          {id.slice(-SHOWN_OF_ID)}
        </CopyText>
      ),
    },
  ];
}

export function Status({ request }: { request: RequestRecord }) {
  const tone = toneOf(request);
  const why = request.error
    ? `${request.error.kind}: ${request.error.message}`
    : request.interrupted
      ? "Interrupted"
      : "Served";
  return (
    <Chip {...(tone && { tone })} title={why}>
      {request.status}
    </Chip>
  );
}

function Model({ request }: { request: RequestRecord }) {
  const tries = request.attempts.length;
  return (
    <span className={classes.model}>
      <span className={classes.modelName}>{request.model || request.requested_model}</span>
      {request.stream && <span className="dim small">stream</span>}
      {tries > 1 && (
        <Chip tone="warn" title={request.attempts.map((one) => `${one.provider}: ${one.outcome}`).join("\n")}>
          {tries} tries
        </Chip>
      )}
      {request.lost.length > 0 && (
        <Chip title={request.lost.map(({ field, kind }) => `${field}: ${kind}`).join("\n")}>
          {request.lost.length} lost
        </Chip>
      )}
    </span>
  );
}

function Tokens({ usage }: { usage: Usage }) {
  const input = usage.input + usage.cache_read + usage.cache_write;
  return (
    <span
      title={`${fullCount(input)} in, of which ${fullCount(usage.cache_read)} cached; ${fullCount(usage.output)} out`}
    >
      {shortCount(input)} → {shortCount(usage.output)}
    </span>
  );
}

function Cost({ request }: { request: RequestRecord }) {
  return (
    <>
      {request.estimate && <span title="An estimate: the provider reported no usage">≈ </span>}
      <Money usd={request.cost_usd} why="Unpriced: the offering has no price." />
    </>
  );
}

export function RequestCard({ request }: { request: RequestRecord }) {
  return (
    <>
      <div className={classes.cardHead}>
        <Status request={request} />
        <Model request={request} />
      </div>
      <div className={classes.cardFacts}>
        <When at={request.at} />
        <span>{request.provider || "no provider"}</span>
        <Tokens usage={request.usage} />
        <Cost request={request} />
        <span className="dim">{duration(request.duration_ms)}</span>
      </div>
    </>
  );
}
