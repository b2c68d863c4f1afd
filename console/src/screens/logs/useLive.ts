import { useEffect, useState } from "react";
import { type RequestFilter, type RequestRecord, tailAddress } from "~/api/requests";

/** Older ones are found by the list itself. */
const MOST_KEPT = 2000;

export interface Live {
  /** The requests that came in since it was switched on, newest first. */
  arrived: RequestRecord[];
  /** How many were left out because they came too fast. */
  missed: number;
}

const NOTHING: Live = { arrived: [], missed: 0 };

/** Follows what comes in; the browser connects anew by itself where the connection is lost. */
export function useLive(on: boolean, filter: RequestFilter): Live {
  const [live, setLive] = useState(NOTHING);
  const address = on ? tailAddress(filter) : null;
  useEffect(() => {
    setLive(NOTHING);
    if (address === null) return;
    const events = new EventSource(address);
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
