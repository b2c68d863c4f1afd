import { expect, it } from "vitest";
import type { Flow, Sums } from "~/api/performance";
import { billed, billedOverTime, isSimulated } from "./money";

const [NINE, TEN] = ["2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"];

function group(name: string | null, costs: Record<string, string>, all: string) {
  const sums = (cost_usd: string) => ({ cost_usd }) as Sums;
  const series = Object.entries(costs).map(([at, cost]) => ({ at, sums: sums(cost) }));
  return { name, sums: sums(all), series };
}

const FLOW = {
  traffic: { total: group(null, { [NINE]: "0.5", [TEN]: "1.000000000003" }, "1.500000000003") },
  simulated: group(null, { [TEN]: "1" }, "1"),
} as unknown as Flow;

it("leaves the simulator's play money out, to the last digit", () => {
  expect(billed(FLOW)).toBe(500_000_000_003n);
  expect([...billedOverTime(FLOW)]).toEqual([
    [Date.parse(NINE), 500_000_000_000n],
    [Date.parse(TEN), 3n],
  ]);
});

it.each<[string | null, boolean]>([
  ["simulator", true],
  ["simulator/echo", true],
  ["openai/simulator", false],
  ["simulators", false],
  ["", false],
  [null, false],
])("%s", (name, simulated) => {
  expect(isSimulated(name)).toBe(simulated);
});
