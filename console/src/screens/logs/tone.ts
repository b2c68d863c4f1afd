import type { RequestRecord } from "~/api/requests";
import type { Tone } from "~/parts/Chip";

/** Served is good, the caller's mistake is a warning, everything else is bad. */
export function toneOf({ status, interrupted, error }: RequestRecord): Tone {
  if (interrupted || status >= 500) return "bad";
  if (status >= 400 || error !== null) return "warn";
  return "good";
}
