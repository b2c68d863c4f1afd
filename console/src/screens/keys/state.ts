// Whether a key works.

import type { Key } from "~/api/keys";
import type { Tone } from "~/parts/Chip";

export interface KeyState {
  name: "Active" | "Expired" | "Replaced" | "Revoked";
  tone: Tone | undefined;
}

export function stateOf(key: Key, now: number): KeyState {
  if (key.revoked_at !== null) return { name: "Revoked", tone: "bad" };
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return { name: "Expired", tone: "warn" };
  if (key.replaced) return { name: "Replaced", tone: "warn" };
  return { name: "Active", tone: "good" };
}

/** Whether it opens nothing any more. */
export function hasEnded(key: Key, now: number): boolean {
  const { name } = stateOf(key, now);
  return name === "Expired" || name === "Revoked";
}
