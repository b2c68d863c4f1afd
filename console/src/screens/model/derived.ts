// What follows from a model's data: which offering speaks for it, what all of its providers can do.

import type { ModelPage, Offering, PriceSet, Rates } from "~/api/catalogue";
import { parseUsd } from "~/format/money";

export type Tier = "standard" | "flex" | "priority" | "batch";

/** The prices of a tier as they hold now; null where there are none. */
export function pricesOf(offering: Offering | undefined, tier: Tier = "standard"): PriceSet | null {
  return offering?.price?.now?.[tier] ?? null;
}

/** The ordinary prices of an offering; null where it has none. */
export function ratesOf(offering: Offering | undefined): Rates | null {
  return pricesOf(offering)?.rates ?? null;
}

/**
 * The offering whose price is shown for the model as a whole: the cheapest that can be called; where none can, the
 * author's own; else the cheapest that costs something, since free ones are mostly limited trials.
 */
export function leading({ model, offerings }: ModelPage): Offering | undefined {
  const callable = cheapest(offerings.filter((offering) => offering.callable));
  const own = offerings.find(({ provider, price }) => provider.id === model.author && price);
  const paid = offerings.filter((offering) => (sumOf(offering) ?? 0n) > 0n);
  return callable ?? own ?? cheapest(paid) ?? offerings[0];
}

function cheapest(offerings: Offering[]): Offering | undefined {
  const priced = offerings.flatMap((offering) => {
    const sum = sumOf(offering);
    return sum === null ? [] : [{ offering, sum }];
  });
  priced.sort((one, other) => (one.sum < other.sum ? -1 : one.sum > other.sum ? 1 : 0));
  return priced[0]?.offering ?? offerings[0];
}

/** Three tokens in and one out: what offerings are ordered by. */
function sumOf(offering: Offering): bigint | null {
  const rates = ratesOf(offering);
  const input = parseUsd(rates?.input);
  return input === null ? null : 3n * input + (parseUsd(rates?.output) ?? 0n);
}

/** The names of the providers that have it, each once. */
export function providerNames({ offerings }: ModelPage): string[] {
  return [...new Set(offerings.map(({ provider }) => provider.name))];
}

/** How many of the offerings that say what they can do have a capability: of 4, 3 are 0.75. */
export function shareWith({ offerings }: ModelPage, capability: string): number {
  const saying = offerings.flatMap(({ capabilities }) => (capabilities ? [capabilities as string[]] : []));
  return saying.length === 0 ? 0 : saying.filter((all) => all.includes(capability)).length / saying.length;
}

/** The smallest and largest of a limit over all offerings that name it. */
export function spread(
  { offerings }: ModelPage,
  limit: "context" | "max_output",
): { least: number; most: number } | null {
  const known = offerings.flatMap((offering) => offering[limit] ?? []);
  return known.length === 0 ? null : { least: Math.min(...known), most: Math.max(...known) };
}

/** The day on which the last provider ends it, where all have named one. */
export function endsOn({ offerings }: ModelPage): string | null {
  const days = offerings.map(({ deprecated }) => deprecated);
  return days.every((day) => day !== null) ? (days.sort().at(-1) ?? null) : null;
}
