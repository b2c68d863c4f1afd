import { useEffect, useRef, useState } from "react";
import { follow, type RequestFilter, type RequestRecord } from "~/api/requests";

const EVERY_MS = 1000;
/** Older ones are found by the list itself. */
const MOST_KEPT = 2000;

/** The requests that came in since it was switched on, newest first. */
export function useLive(on: boolean, filter: RequestFilter): RequestRecord[] {
  const [arrived, setArrived] = useState<RequestRecord[]>([]);
  const wanted = JSON.stringify(filter);
  const latest = useRef(filter);
  useEffect(() => {
    latest.current = filter;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: following begins anew when another filter is chosen
  useEffect(() => {
    setArrived([]);
    if (!on) return;
    const stop = new AbortController();
    void (async () => {
      let cursor: string | null = null;
      while (!stop.signal.aborted) {
        try {
          const followed: Awaited<ReturnType<typeof follow>> = await follow(
            latest.current,
            cursor,
            stop.signal,
          );
          cursor = followed.cursor;
          const news = followed.requests.reverse();
          if (news.length > 0) setArrived((old) => [...news, ...old].slice(0, MOST_KEPT));
        } catch {
          // The gateway may be starting anew: the next round tries again.
        }
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
    })();
    return () => stop.abort();
  }, [on, wanted]);
  return arrived;
}
