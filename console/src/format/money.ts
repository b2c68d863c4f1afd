// Money as people read it. Exact amounts are whole numbers of 10⁻¹² USD, as the gateway counts them; no floats.

/** 10⁻¹² USD. */
export type Pico = bigint;

const PICO_PER_USD = 1_000_000_000_000n;
const MILLION = 1_000_000n;

/** Reads decimal text (`0.000075`, `-1.5`); null where it is none, or finer than 10⁻¹². */
export function parseUsd(text: string | null | undefined): Pico | null {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?0*$/.exec(text ?? "");
  if (!match) return null;
  const [, sign, whole = "0", fraction = ""] = match;
  const pico = BigInt(whole) * PICO_PER_USD + BigInt(fraction.padEnd(12, "0"));
  return sign ? -pico : pico;
}

/** What that many tokens cost at a price per million tokens, rounded down to 10⁻¹² USD. */
export function costOf(tokens: number, perMillion: Pico): Pico {
  return (BigInt(Math.max(0, Math.trunc(tokens))) * perMillion) / MILLION;
}

/** All digits that there are: `$0.000123`, `$12.40`. */
export function exactUsd(pico: Pico): string {
  const size = pico < 0n ? -pico : pico;
  const fraction = (size % PICO_PER_USD).toString().padStart(12, "0").replace(/0+$/, "");
  const cents = fraction === "" ? "" : `.${fraction.padEnd(2, "0")}`;
  return `${pico < 0n ? "−" : ""}$${(size / PICO_PER_USD).toString()}${cents}`;
}

/** As many digits as matter: `$0.000123`, `$0.075`, `$12.40`, `$1.2 k`. */
export function shortUsd(pico: Pico): string {
  if (pico === 0n) return "$0";
  const size = pico < 0n ? -pico : pico;
  return `${pico < 0n ? "−" : ""}$${shortSize(Number(size) / Number(PICO_PER_USD))}`;
}

/** A price per million tokens, or `Free`. */
export function priceUsd(pico: Pico): string {
  return pico === 0n ? "Free" : shortUsd(pico);
}

function shortSize(usd: number): string {
  if (usd >= 1_000_000) return `${trimmed(usd / 1_000_000, 1)} M`;
  if (usd >= 1_000) return `${trimmed(usd / 1_000, 1)} k`;
  if (usd >= 1) return usd.toFixed(2);
  const digits = Math.min(12, 2 - Math.floor(Math.log10(usd)));
  const text = usd.toFixed(digits).replace(/0+$/, "");
  // Cents are always written whole: $0.50, not $0.5.
  return text.replace(/\.(\d)$/, ".$10").replace(/\.$/, ".00");
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0+$/, "");
}
