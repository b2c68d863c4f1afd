// The key that the console itself calls models with, as any application would: it has a project of its own, so that what the
// simulator costs is seen apart, and ends after some hours. It is made when it is first needed, and held in memory only.

import { makeKey } from "./keys";

const HOURS = 12;
const PROJECT = "console";

let held: Promise<string> | null = null;

/** The key's secret; with `anew`, another one, since the old one was refused. */
export function consoleKey(anew = false): Promise<string> {
  if (held === null || anew) {
    held = make();
    held.catch(() => {
      held = null;
    });
  }
  return held;
}

async function make(): Promise<string> {
  const now = Date.now();
  const made = await makeKey({
    project: PROJECT,
    name: `simulator-${now.toString(36)}`,
    expires_at: new Date(now + HOURS * 3_600_000).toISOString(),
  });
  return made.key;
}
