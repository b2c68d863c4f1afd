import { useQuery } from "@tanstack/react-query";
import type { ModelPage } from "~/api/catalogue";
import { type Figures as Measured, performanceQuery } from "~/api/performance";
import { contextSize, fullCount, percent } from "~/format/counts";
import { duration } from "~/format/time";
import { Figure, Figures } from "~/parts/Figures";
import { Missing, PriceOf } from "~/parts/Money";
import { leading, ratesOf, spread } from "./derived";

/** The figures that people look for first. */
export function Strip({ page }: { page: ModelPage }) {
  const offering = leading(page);
  const rates = ratesOf(offering);
  const figures = useQuery(performanceQuery({ window: "24h", by: "model", model: page.model.id })).data
    ?.groups[0]?.figures;
  const at = offering ? `per 1M tokens at ${offering.provider.name}` : "per 1M tokens";
  return (
    <Figures>
      <Figure name="Input" note={at}>
        <PriceOf usd={rates?.input} />
      </Figure>
      <Figure name="Output" note={at}>
        <PriceOf usd={rates?.output} />
      </Figure>
      {rates?.cache_read && (
        <Figure name="Cached input" note={at}>
          <PriceOf usd={rates.cache_read} />
        </Figure>
      )}
      <Figure name="Context" note="tokens, input and output">
        <Tokens limit={spread(page, "context")?.most} />
      </Figure>
      <Figure name="Max output" note="tokens">
        <Tokens limit={spread(page, "max_output")?.most} />
      </Figure>
      {figures && figures.sums.requests > 0 && <Live figures={figures} />}
    </Figures>
  );
}

/** What this gateway's own traffic says. */
function Live({ figures }: { figures: Measured }) {
  const { first_token_ms: first, tokens_per_second: speed } = figures;
  return (
    <>
      {first.p50 !== null && (
        <Figure name="TTFT p50" note={`24 h, n = ${fullCount(first.samples)}`}>
          {duration(first.p50)}
        </Figure>
      )}
      {speed.p50 !== null && (
        <Figure name="Speed p50" note={`tok/s, 24 h, n = ${fullCount(speed.samples)}`}>
          {Math.round(speed.p50)}
        </Figure>
      )}
      {figures.success !== null && (
        <Figure name="Success" note={`24 h, n = ${fullCount(figures.sums.served + figures.sums.failed)}`}>
          {percent(figures.success)}
        </Figure>
      )}
    </>
  );
}

function Tokens({ limit }: { limit: number | undefined }) {
  return limit === undefined ? (
    <Missing why="Not known." />
  ) : (
    <span title={fullCount(limit)}>{contextSize(limit)}</span>
  );
}
