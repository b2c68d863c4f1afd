import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useNames } from "~/api/names";
import { planQuery } from "~/api/plan";
import { type RequestRecord, requestQuery } from "~/api/requests";
import { outcomeName, sentence } from "~/format/words";
import { Money } from "~/parts/Money";
import classes from "./Simulator.module.css";

/** Before anybody is asked: who would serve, in which order, and why the others would not. */
export function PlanAhead({ body }: { body: Record<string, unknown> }) {
  const plan = useQuery({ ...planQuery(body), retry: false }).data;
  const nameOf = useNames();
  if (!plan) return <p className="dim small">Planning …</p>;
  const [first] = plan.steps;
  return (
    <details className={classes.plan}>
      <summary>
        {first ? `Would be served by ${nameOf(first.provider)}` : "Nobody would serve it"}
        {plan.excluded.length > 0 && `; ${plan.excluded.length} passed over`}
      </summary>
      {plan.rejection && <p className={classes.rejection}>{plan.rejection.message}</p>}
      {plan.understood.map(
        ({ name, model, only_provider }) =>
          model && (
            <p key={name} className="dim">
              {name === model ? model : `${name} means ${model}`}
              {only_provider ? `, at ${nameOf(only_provider)} only` : ", whoever serves it"}
            </p>
          ),
      )}
      <ol>
        {plan.steps.map((step, at) => (
          <li key={`${step.provider} ${step.wire_id}`}>
            <span>
              {at + 1}. {nameOf(step.provider)}
            </span>
            <span className="dim">
              {WHY[step.why] ?? sentence(step.why)} · about <Money usd={step.estimate_usd} why="unpriced" />
            </span>
          </li>
        ))}
        <Excluded all={plan.excluded} />
      </ol>
    </details>
  );
}

const WHY: Record<string, string> = {
  ordered: "named by the request",
  price: "by price",
  unpriced: "price unknown",
  tight_context: "context may be too small",
  in_part: "gives less than was asked for",
  retired: "past its end",
  fallback: "fallback",
  cooling: "cooling down after failures",
};

function Excluded({ all }: { all: RequestRecord["excluded"] }) {
  const nameOf = useNames();
  return all.map(({ provider, model, reason }) => (
    <li key={`${provider} ${model} ${reason}`}>
      <span className="dim">✗ {nameOf(provider)}</span>
      <span className="dim">{sentence(reason)}</span>
    </li>
  ));
}

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
                : outcomeName(attempt.outcome)}
            </span>
          </li>
        ))}
        <Excluded all={request.excluded} />
      </ol>
      <Link to="/logs" search={{ request: id }}>
        See it in the logs
      </Link>
    </details>
  );
}
