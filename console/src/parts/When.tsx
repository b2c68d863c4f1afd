import { useSyncExternalStore } from "react";
import { exactMoment, relative } from "~/format/time";

const EVERY_MS = 10_000;

/** A moment, relative to now; exact on hover. */
export function When({ at }: { at: string | number }) {
  // Drawn anew with every tick. What counts is the moment itself: by the last tick, what happened since would be to come.
  useSyncExternalStore(tick, currentTick);
  return (
    <time dateTime={new Date(at).toISOString()} title={exactMoment(at)}>
      {relative(at, Date.now())}
    </time>
  );
}

function currentTick(): number {
  return Math.floor(Date.now() / EVERY_MS) * EVERY_MS;
}

function tick(changed: () => void): () => void {
  const timer = setInterval(changed, EVERY_MS);
  return () => clearInterval(timer);
}
