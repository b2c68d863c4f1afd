import { useState } from "react";
import { BadInput, requestOf } from "./request";
import type { SimulatorInput } from "./search";
import { useRuns } from "./useRuns";

/** What panes are asked besides what is typed, and what they answer. */
export function useAsking(panes: string[], input: SimulatorInput) {
  const [image, setImage] = useState<string | null>(null);
  const [bad, setBad] = useState<BadInput | null>(null);
  const { runs, run, stop, running } = useRuns();
  const start = () => {
    if (!input.prompt) return;
    try {
      run(panes.map((spec) => requestOf(spec, input, image)));
      setBad(null);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      setBad(error);
    }
  };
  return { image, setImage, bad, runs, start, stop, running };
}

/** What a pane would send, as far as it can be said: its plan is asked for while somebody still writes. */
export function wouldSend(spec: string, input: SimulatorInput): Record<string, unknown> | null {
  try {
    return requestOf(spec, input, null);
  } catch {
    return null;
  }
}
