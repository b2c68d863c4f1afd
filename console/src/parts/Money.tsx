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

/** A dash that says on hover why nothing stands there. */
export function Missing({ why }: { why: string }) {
  return (
    <span className="dim" title={why}>
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{why}</span>
    </span>
  );
}
