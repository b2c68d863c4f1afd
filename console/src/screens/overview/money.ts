// What of the traffic is billed by somebody. The simulator's prices are play money, so that sums of money leave it out.

import type { Flow, Sums, TrafficGroup } from "~/api/performance";
import { SIMULATOR } from "~/api/providers";
import { type Pico, parseUsd } from "~/format/money";

/** What something cost, by the prices that there are. */
export function costOf({ cost_usd }: Sums): Pico {
  return parseUsd(cost_usd) ?? 0n;
}

/** What providers bill. */
export function billed({ traffic, simulated }: Flow): Pico {
  return costOf(traffic.total.sums) - costOf(simulated.sums);
}

/** What they bill of each bucket: by its begin, in milliseconds since 1970. */
export function billedOverTime({ traffic, simulated }: Flow): Map<number, Pico> {
  const played = overTime(simulated);
  const all = [...overTime(traffic.total)];
  return new Map(all.map(([at, cost]) => [at, cost - (played.get(at) ?? 0n)]));
}

function overTime({ series }: TrafficGroup): Map<number, Pico> {
  return new Map(series.map(({ at, sums }) => [Date.parse(at), costOf(sums)]));
}

/** Whether a model or provider is the simulator's. */
export function isSimulated(name: string | null): boolean {
  return name === SIMULATOR || name?.startsWith(`${SIMULATOR}/`) === true;
}
