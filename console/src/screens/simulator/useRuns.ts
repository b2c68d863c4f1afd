import { useCallback, useRef, useState } from "react";
import { type Answer, ask, NOTHING_YET } from "~/api/ask";

/** How a pane stands. */
export interface Run {
  state: "running" | "done" | "stopped" | "failed";
  answer: Answer;
  error: Error | null;
}

/** Runs panes side by side; each by its place. */
export function useRuns() {
  const [runs, setRuns] = useState<Run[]>([]);
  const stops = useRef<AbortController[]>([]);

  const stop = useCallback(() => {
    for (const one of stops.current) one.abort();
  }, []);

  const run = useCallback(
    (bodies: object[]) => {
      stop();
      stops.current = bodies.map(() => new AbortController());
      const own = stops.current;
      setRuns(bodies.map(() => ({ state: "running", answer: NOTHING_YET, error: null })));
      bodies.forEach(async (body, at) => {
        const signal = own[at]?.signal ?? AbortSignal.abort();
        const change = (part: Partial<Run>) => {
          // A later run has taken the place of this one.
          if (stops.current !== own) return;
          setRuns((old) => old.map((one, place) => (place === at ? { ...one, ...part } : one)));
        };
        try {
          const answer = await ask(body, signal, (answer) => change({ answer }));
          change({ state: "done", answer });
        } catch (error) {
          const stopped = signal.aborted;
          change({ state: stopped ? "stopped" : "failed", error: stopped ? null : asError(error) });
        }
      });
    },
    [stop],
  );

  return { runs, run, stop, running: runs.some(({ state }) => state === "running") };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
