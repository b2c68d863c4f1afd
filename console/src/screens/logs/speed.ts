// How fast an answer came, by the same rule as the gateway's own figures.

import type { RequestRecord } from "~/api/requests";

/** Fewer tokens say nothing about speed. */
const FEWEST = 10;

/** Output tokens a second after the first content, of a stream; null where it cannot be said. */
export function tokensPerSecond({
  stream,
  first_token_ms,
  duration_ms,
  usage,
}: RequestRecord): number | null {
  if (!stream || first_token_ms === null || usage.output < FEWEST) return null;
  const after = duration_ms - first_token_ms;
  return after > 0 ? Math.round((usage.output * 1000) / after) : null;
}
