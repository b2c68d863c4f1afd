import { exactUsd, type Pico, parseUsd, priceUsd, shortUsd } from "~/format/money";

/** An amount, exact on hover; a dash with its reason where there is none. */
export function Money({
  usd,
  why = "No price is known.",
}: {
  usd: string | Pico | null | undefined;
  why?: string;
}) {
  const pico = typeof usd === "bigint" ? usd : parseUsd(usd);
  if (pico === null) return <Missing why={why} />;
  return <span title={exactUsd(pico)}>{shortUsd(pico)}</span>;
}

/** A price; nothing is `Free`. */
export function PriceOf({
  usd,
  why = "No price is known.",
}: {
  usd: string | null | undefined;
  why?: string;
}) {
  const pico = parseUsd(usd);
  if (pico === null) return <Missing why={why} />;
  return <span title={exactUsd(pico)}>{priceUsd(pico)}</span>;
}

/** The price of output; where only input costs something, as of embeddings, there is no output to pay for. */
export function OutputPrice({ price }: { price: { input: string; output: string } | null }) {
  const none = parseUsd(price?.output) === 0n && parseUsd(price?.input) !== 0n;
  return none ? <Missing why="Only input is billed." /> : <PriceOf usd={price?.output} />;
}

/** A dash that says on hover why nothing stands there. */
export function Missing({ why }: { why: string }) {
  return (
    <span className="dim" title={why}>
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{why}</span>
    </span>
  );
}
