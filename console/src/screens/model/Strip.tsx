import type { ReactNode } from "react";
import type { ModelPage } from "~/api/catalogue";
import { contextSize, fullCount } from "~/format/counts";
import { Missing, PriceOf } from "~/parts/Money";
import { leading, ratesOf, spread } from "./derived";
import classes from "./Model.module.css";

/** The figures that people look for first. */
export function Strip({ page }: { page: ModelPage }) {
  const offering = leading(page);
  const rates = ratesOf(offering);
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
    </dl>
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
