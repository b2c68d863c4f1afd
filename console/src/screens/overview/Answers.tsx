import { Link } from "@tanstack/react-router";
import type { Flow, Figures as Measured, Window } from "~/api/performance";
import { fullCount, percent, shortCount } from "~/format/counts";
import { duration } from "~/format/time";
import { Figure, Figures } from "~/parts/Figures";
import { Money } from "~/parts/Money";
import { billed, costOf } from "./money";
import classes from "./Overview.module.css";

interface Props {
  flow: Flow;
  /** How many requests had no price, by model or provider. */
  unpriced: Map<string, number> | undefined;
  figures: Measured | undefined;
  window: Window;
}

/** The answers in one line: spent, asked, failed, how fast. */
export function Answers({ flow, unpriced, figures, window }: Props) {
  const { sums } = flow.traffic.total;
  const first = figures?.first_token_ms;
  return (
    <Figures>
      <Figure name="Spent" note={<SpentNote flow={flow} unpriced={unpriced} />}>
        <Money usd={billed(flow)} />
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

/** What the sum leaves out. */
function SpentNote({ flow, unpriced }: Pick<Props, "flow" | "unpriced">) {
  const played = costOf(flow.simulated.sums);
  const count = [...(unpriced?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  return (
    <>
      USD, what providers bill
      {played > 0n && (
        <div title="Nobody bills what the simulator answers.">
          Simulator's play money: <Money usd={played} />
        </div>
      )}
      {count > 0 && (
        <div className={classes.warn} title="No price is known for what they used: they count as nothing.">
          {fullCount(count)} {count === 1 ? "request" : "requests"} without a price
        </div>
      )}
    </>
  );
}
