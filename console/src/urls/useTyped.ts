import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

/** The address follows what is typed after this pause, in milliseconds. */
const PAUSE = 250;

/**
 * What is typed into fields that the address knows. It holds at once, since a field that waits for the address loses what is
 * typed meanwhile; the address is told after a pause. Where the address changes by itself (a link, going back), that is
 * taken over. Both are compared as JSON.
 */
export function useTyped<T>(said: T, tell: (typed: T) => void): [T, (typed: T) => void] {
  const { history } = useRouter();
  const [typed, setTyped] = useState(said);
  const now = words(said);
  // What the address has been told and does not say yet; the last one is what it will say, or says.
  const told = useRef([now]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `said` is new at every drawing, and `now` says what it is
  useEffect(() => {
    const at = told.current.indexOf(now);
    if (at < 0) setTyped(said);
    told.current = at < 0 ? [now] : told.current.slice(at);
  }, [now]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tell` is new at every drawing and means the same
  useEffect(() => {
    if (words(typed) === told.current.at(-1)) return;
    const { pathname } = history.location;
    const timer = setTimeout(() => {
      // Somebody is on the way to another screen, and would be called back.
      if (history.location.pathname !== pathname) return;
      told.current.push(words(typed));
      tell(typed);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped];
}

function words(value: unknown): string {
  return JSON.stringify(value ?? null);
}
