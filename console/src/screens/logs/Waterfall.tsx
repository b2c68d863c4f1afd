import { useNames } from "~/api/names";
import type { Attempt, RequestRecord } from "~/api/requests";
import { duration } from "~/format/time";
import { outcomeName } from "~/format/words";
import classes from "./Waterfall.module.css";

/** The calls to providers on one time line: when each began, when its first content came, how it ended. */
export function Waterfall({ request }: { request: RequestRecord }) {
  const nameOf = useNames();
  const total = Math.max(1, request.duration_ms);
  if (request.attempts.length === 0) return <p className="dim">No provider was called.</p>;
  return (
    <ol className={classes.waterfall}>
      {request.attempts.map((attempt, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: attempts are recorded in order and never change
        <li key={at}>
          <div className={classes.label}>
            <span>
              {at + 1}. {nameOf(attempt.provider)} <span className="mono dim small">{attempt.model}</span>
            </span>
            <span className={attempt.outcome === "ok" ? classes.ok : classes.failed}>
              {outcomeName(attempt.outcome)}
              {attempt.status !== null && ` ${attempt.status}`}
            </span>
          </div>
          <Bar attempt={attempt} total={total} />
          {attempt.message && <p className={`${classes.message} small`}>{attempt.message}</p>}
        </li>
      ))}
      <li className={classes.axis} aria-hidden="true">
        <span>0</span>
        <span>{duration(total / 2)}</span>
        <span>{duration(total)}</span>
      </li>
    </ol>
  );
}

function Bar({ attempt, total }: { attempt: Attempt; total: number }) {
  const share = (ms: number) => `${Math.min(100, (100 * ms) / total)}%`;
  const first = attempt.first_token_ms;
  const says = [
    `began after ${duration(attempt.begin_ms)}`,
    first === null ? null : `first content after ${duration(first)}`,
    `took ${duration(attempt.duration_ms)}`,
  ];
  const text = says.filter((part) => part !== null).join(", ");
  return (
    <>
      <div className={classes.track}>
        <div
          className={attempt.outcome === "ok" ? classes.bar : `${classes.bar} ${classes.barFailed}`}
          style={{ left: `min(${share(attempt.begin_ms)}, 100% - 3px)`, width: share(attempt.duration_ms) }}
        >
          {first !== null && (
            <div
              className={classes.waiting}
              style={{ width: `${(100 * first) / Math.max(1, attempt.duration_ms)}%` }}
            />
          )}
        </div>
      </div>
      <p className="dim small">{text}</p>
    </>
  );
}
