import { expect, it } from "vitest";
import type { Offering, Rates } from "~/api/catalogue";
import { exactUsd } from "~/format/money";
import { bill, tiersOf } from "./cost";
import { likeness } from "./likeness";

const rates = (input: string, output: string, more: Partial<Rates> = {}): Rates =>
  ({ input, output, cache_read: null, per_request: null, ...more }) as Rates;

const set = (standard: Rates, above: { above: number; rates: Rates }[] = []) => ({
  rates: standard,
  context_tiers: above,
});

const OFFERING = {
  price: {
    now: {
      standard: set(rates("1.25", "10", { cache_read: "0.125" }), [
        { above: 272_000, rates: rates("2.5", "15") },
      ]),
      flex: set(rates("0.625", "5", { per_request: "0.01" })),
      priority: null,
      batch: null,
    },
    next: [],
  },
} as unknown as Offering;

it.each([
  ["standard", { input: 1_000, cached: 0, output: 300, requests: 1_000 }, "$4.25"],
  ["standard", { input: 1_000, cached: 1_000, output: 0, requests: 1 }, "$0.000125"],
  // More cannot be cached than goes in.
  ["standard", { input: 1_000, cached: 9_999, output: 0, requests: 1 }, "$0.000125"],
  ["standard", { input: 272_000, cached: 0, output: 0, requests: 1 }, "$0.34"],
  ["standard", { input: 272_001, cached: 0, output: 0, requests: 1 }, "$0.6800025"],
  ["flex", { input: 1, cached: 0, output: 0, requests: 1 }, "$0.010000625"],
  ["standard", { input: 0, cached: 0, output: 0, requests: 5 }, "$0"],
] as const)("%s %j costs %s", (tier, load, total) => {
  expect(exactUsd(bill(OFFERING, tier, load)?.total ?? -1n)).toBe(total);
});

it("has no bill without a price", () => {
  const unpriced = { ...OFFERING, price: null };
  expect(bill(unpriced, "standard", { input: 1, cached: 0, output: 1, requests: 1 })).toBeNull();
  expect(tiersOf(unpriced)).toEqual([]);
  expect(tiersOf(OFFERING)).toEqual(["standard", "flex"]);
});

it.each([
  [{ differs: [], price_ratio: 1, context_ratio: 1 }, "same price · same abilities"],
  [
    { differs: ["vision", "reasoning"], price_ratio: 0.5, context_ratio: 2 },
    "50 % cheaper · adds vision · lacks reasoning · 2 × the context",
  ],
  [
    { differs: [], price_ratio: 3.2, context_ratio: 0.25 },
    "3.2 × the price · same abilities · 1/4 of the context",
  ],
  [{ differs: [], price_ratio: null, context_ratio: null }, "same abilities"],
])("%j is %s", (similar, words) => {
  expect(
    likeness({ model: { capabilities: ["vision"] }, ...similar } as Parameters<typeof likeness>[0]),
  ).toBe(words);
});
