import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ModelPage } from "~/api/catalogue";
import { type Figures, performanceQuery } from "~/api/performance";
import { contextSize, fullCount, percent } from "~/format/counts";
import { duration } from "~/format/time";
import { Missing, PriceOf } from "~/parts/Money";
import { leading, ratesOf, spread } from "./derived";
import classes from "./Model.module.css";

/** The figures that people look for first. */
export function Strip({ page }: { page: ModelPage }) {
  const offering = leading(page);
  const rates = ratesOf(offering);
  const figures = useQuery(performanceQuery({ window: "24h", by: "model", model: page.model.id })).data
    ?.groups[0]?.figures;
  const at = offering ? `per 1M tokens at ${offering.provider.name}` : "per 1M tokens";
  return (
    <dl className={classes.strip}>
      <Fact name="Input" note={at}>
        <PriceOf usd={rates?.input} />
      </Fact>
      <Fact name="Output" note={at}>
        <PriceOf usd={rates?.output} />
      </Fact>
      {rates?.cache_read && (
        <Fact name="Cached input" note={at}>
          <PriceOf usd={rates.cache_read} />
        </Fact>
      )}
      <Fact name="Context" note="tokens, input and output">
        <Tokens limit={spread(page, "context")?.most} />
      </Fact>
      <Fact name="Max output" note="tokens">
        <Tokens limit={spread(page, "max_output")?.most} />
      </Fact>
      {figures && figures.sums.requests > 0 && <Live figures={figures} />}
    </dl>
  );
}

/** What this gateway's own traffic says. */
function Live({ figures }: { figures: Figures }) {
  const { first_token_ms: first, tokens_per_second: speed } = figures;
  return (
    <>
      {first.p50 !== null && (
        <Fact name="TTFT p50" note={`24 h, n = ${fullCount(first.samples)}`}>
          {duration(first.p50)}
        </Fact>
      )}
      {speed.p50 !== null && (
        <Fact name="Speed p50" note={`tok/s, 24 h, n = ${fullCount(speed.samples)}`}>
          {Math.round(speed.p50)}
        </Fact>
      )}
      {figures.success !== null && (
        <Fact name="Success" note={`24 h, n = ${fullCount(figures.sums.served + figures.sums.failed)}`}>
          {percent(figures.success)}
        </Fact>
      )}
    </>
  );
}

function Fact({ name, note, children }: { name: string; note: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={classes.figure}>{children}</dd>
      <dd className={classes.figureNote}>{note}</dd>
    </div>
  );
}

function Tokens({ limit }: { limit: number | undefined }) {
  return limit === undefined ? (
    <Missing why="Not known." />
  ) : (
    <span title={fullCount(limit)}>{contextSize(limit)}</span>
  );
}
