// Counts as people read them: tokens, requests, shares.

/** `812`, `12.3 k`, `1.05 M`: three digits, with the step named. */
export function shortCount(count: number): string {
  const size = Math.abs(count);
  if (size < 1_000) return String(Math.round(count));
  for (const [step, unit] of STEPS) {
    // What would round up to a thousand of a step belongs to the next.
    if (size / step < 999.5) return `${threeDigits(count / step)} ${unit}`;
  }
  return `${threeDigits(count / 1e12)} T`;
}

const STEPS: [number, string][] = [
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "B"],
];

/** `12,408`. */
export function fullCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A context window, by thousands, or by 1,024 where only that is whole: `128 K` is 128,000 and 131,072. */
export function contextSize(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  const binary = tokens % 1_000 !== 0 && tokens % 1_024 === 0;
  const thousands = tokens / (binary ? 1_024 : 1_000);
  const perMillion = binary ? 1_024 : 1_000;
  return thousands < perMillion ? `${threeDigits(thousands)} K` : `${threeDigits(thousands / perMillion)} M`;
}

/** A share of one: `99.9 %`; never rounded up to 100 where something failed. */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (hundredths >= 100) return "100 %";
  if (hundredths > 99.9) return `${(Math.floor(hundredths * 100) / 100).toFixed(2)} %`;
  return `${hundredths.toFixed(1).replace(/\.0$/, "")} %`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
