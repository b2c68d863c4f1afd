import { useEffect, useRef, useState } from "react";
import { type RequestFilter, type RequestRecord, tailAddress } from "~/api/requests";

/** Older ones are found by the list itself. */
const MOST_KEPT = 2000;

export interface Live {
  /** Whether what comes in is heard: not yet, or not any more, is `connecting`; `refused` is for good. */
  state: "off" | "connecting" | "following" | "refused";
  /** The requests that came in since it was switched on, newest first. */
  arrived: RequestRecord[];
  /** How many were left out because they came too fast. */
  missed: number;
}

const OFF: Live = { state: "off", arrived: [], missed: 0 };

/**
 * Follows what comes in; the browser connects anew by itself where the connection is lost. `onFollowing` is called whenever
 * following begins: what came before that is not heard, and has to be read.
 */
export function useLive(on: boolean, filter: RequestFilter, onFollowing: () => void): Live {
  const [live, setLive] = useState(OFF);
  const following = useRef(onFollowing);
  useEffect(() => {
    following.current = onFollowing;
  });
  const address = on ? tailAddress(filter) : null;
  useEffect(() => {
    setLive(address === null ? OFF : { ...OFF, state: "connecting" });
    if (address === null) return;
    const events = new EventSource(address);
    const stands = (state: Live["state"]) => setLive((old) => ({ ...old, state }));
    events.addEventListener("open", () => {
      stands("following");
      following.current();
    });
    events.addEventListener("error", () =>
      stands(events.readyState === EventSource.CLOSED ? "refused" : "connecting"),
    );
    events.addEventListener("record", ({ data }) => {
      const record: RequestRecord = JSON.parse(data);
      setLive((old) => ({ ...old, arrived: [record, ...old.arrived].slice(0, MOST_KEPT) }));
    });
    events.addEventListener("lag", ({ data }) => {
      const { missed }: { missed: number } = JSON.parse(data);
      setLive((old) => ({ ...old, missed: old.missed + missed }));
    });
    return () => events.close();
  }, [address]);
  return live;
}
