import { Link } from "@tanstack/react-router";
import type { Figures as Measured, Sums, Window } from "~/api/performance";
import { fullCount, percent, shortCount } from "~/format/counts";
import { duration } from "~/format/time";
import { Figure, Figures } from "~/parts/Figures";
import { Money } from "~/parts/Money";
import classes from "./Overview.module.css";

/** The answers in one line: spent, asked, failed, how fast. */
export function Answers({
  sums,
  figures,
  window,
}: {
  sums: Sums;
  figures: Measured | undefined;
  window: Window;
}) {
  const first = figures?.first_token_ms;
  return (
    <Figures>
      <Figure name="Spent" note="USD, what providers bill">
        <Money usd={sums.cost_usd} />
      </Figure>
      <Figure name="Requests" note={`${fullCount(sums.served)} served`}>
        <span title={fullCount(sums.requests)}>{shortCount(sums.requests)}</span>
      </Figure>
      <Figure name="Failed" note="not by the callers' fault">
        <Link
          to="/logs"
          search={{ verdict: "failed", span: window }}
          className={sums.failed > 0 ? classes.bad : classes.none}
        >
          {fullCount(sums.failed)}
        </Link>
      </Figure>
      {figures?.success != null && (
        <Figure name="Success" note={`n = ${fullCount(sums.served + sums.failed)}`}>
          {percent(figures.success)}
        </Figure>
      )}
      {first?.p50 != null && (
        <Figure
          name="TTFT p50"
          note={`p95 ${duration(first.p95 ?? first.p50)}, n = ${fullCount(first.samples)}`}
        >
          {duration(first.p50)}
        </Figure>
      )}
      <Figure name="Tokens" note={`${shortCount(sums.cache_read)} of the input cached`}>
        <span title={`${fullCount(sums.input)} in, ${fullCount(sums.output)} out`}>
          {shortCount(sums.input)} → {shortCount(sums.output)}
        </span>
      </Figure>
    </Figures>
  );
}
