// What a workload costs at an offering's prices, as the price calculator shows it.

import type { Offering, PriceSet, Rates } from "~/api/catalogue";
import { costOf, type Pico, parseUsd } from "~/format/money";
import { pricesOf, type Tier } from "./derived";

export interface Workload {
  /** Tokens of input in each request, cached ones included. */
  input: number;
  /** Of which are read from the provider's prompt cache. */
  cached: number;
  /** Tokens of output in each request. */
  output: number;
  requests: number;
}

export interface Bill {
  perRequest: Pico;
  total: Pico;
}

const TIERS: Tier[] = ["standard", "flex", "priority", "batch"];

/** The tiers that an offering has prices for. */
export function tiersOf(offering: Offering): Tier[] {
  return TIERS.filter((tier) => pricesOf(offering, tier));
}

/** The bill; null where the offering has no price. */
export function bill(offering: Offering, tier: Tier, load: Workload): Bill | null {
  const set = pricesOf(offering, tier);
  const rates = set && ratesFor(set, load.input);
  const input = parseUsd(rates?.input);
  if (!rates || input === null) return null;
  const cached = Math.min(load.cached, load.input);
  const perRequest =
    costOf(load.input - cached, input) +
    costOf(cached, parseUsd(rates.cache_read) ?? input) +
    costOf(load.output, parseUsd(rates.output) ?? 0n) +
    (parseUsd(rates.per_request) ?? 0n);
  return { perRequest, total: perRequest * BigInt(Math.max(0, Math.trunc(load.requests))) };
}

/** Large requests have prices of their own at some providers, for all of their tokens. */
function ratesFor(set: PriceSet, input: number): Rates {
  return set.context_tiers.filter(({ above }) => input > above).at(-1)?.rates ?? set.rates;
}
