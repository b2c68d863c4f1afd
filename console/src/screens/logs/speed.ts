// How fast an answer came, by the same rule as the gateway's own figures.

import type { RequestRecord } from "~/api/requests";

/** Fewer tokens say nothing about speed. */
const FEWEST = 10;
/** What came in less time was waiting somewhere on its way. */
const SHORTEST_MS = 100;

type Timed = Pick<RequestRecord, "stream" | "estimate" | "first_token_ms" | "duration_ms"> & {
  usage: Pick<RequestRecord["usage"], "output" | "reasoning">;
};

/** Output tokens a second, of a stream: after the first content, or from the begin where it was thought before. */
export function tokensPerSecond({
  stream,
  estimate,
  first_token_ms,
  duration_ms,
  usage,
}: Timed): number | null {
  if (!stream || estimate || first_token_ms === null || usage.output < FEWEST) return null;
  const span = duration_ms - (usage.reasoning > 0 ? 0 : first_token_ms);
  return span >= SHORTEST_MS ? Math.round((usage.output * 1000) / span) : null;
}
