import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useNames } from "~/api/names";
import { requestQuery } from "~/api/requests";
import { sentence } from "~/format/words";
import classes from "./Simulator.module.css";

/** Why this provider, and why not the others: as the request's record has it. */
export function Plan({ id }: { id: string }) {
  const request = useQuery({ ...requestQuery(id), retry: 3 }).data;
  const nameOf = useNames();
  if (!request) return <p className="dim small">Reading the plan …</p>;
  const rest = request.attempts.length - 1;
  return (
    <details className={classes.plan}>
      <summary>
        {request.provider ? `Served by ${nameOf(request.provider)}` : "Served by nobody"}
        {rest > 0 && `, after ${rest} failed ${rest === 1 ? "try" : "tries"}`}
        {request.excluded.length > 0 && `; ${request.excluded.length} passed over`}
      </summary>
      <ol>
        {request.attempts.map((attempt, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts are recorded in order and never change
          <li key={at}>
            <span>{nameOf(attempt.provider)}</span>
            <span className="dim">
              {attempt.outcome === "ok"
                ? "chosen: the first of the plan that served"
                : sentence(attempt.outcome)}
            </span>
          </li>
        ))}
        {request.excluded.map(({ provider, model, reason }) => (
          <li key={`${provider} ${model} ${reason}`}>
            <span className="dim">✗ {nameOf(provider)}</span>
            <span className="dim">{sentence(reason)}</span>
          </li>
        ))}
      </ol>
      <Link to="/logs" search={{ request: id }}>
        See it in the logs
      </Link>
    </details>
  );
}
