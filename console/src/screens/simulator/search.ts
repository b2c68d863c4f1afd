// What the address of the simulator says: panes and input, so that a comparison can be shared.

import { list, number, type Search, text } from "~/urls/search";

export const MOST_PANES = 4;

/** What all panes are asked, but for a picture. */
export interface SimulatorInput {
  prompt?: string | undefined;
  system?: string | undefined;
  temperature?: number | undefined;
  /** Tokens of output at most. */
  max?: number | undefined;
  /** Tools, as JSON. */
  tools?: string | undefined;
  /** A JSON schema that the answer must follow. */
  schema?: string | undefined;
}

export interface SimulatorSearch extends SimulatorInput {
  /** Models, each perhaps with the provider that must serve it: `author/slug@provider`. */
  pane?: string[];
}

export function simulatorSearch(search: Search): SimulatorSearch {
  return {
    pane: list(search, "pane")?.slice(0, MOST_PANES),
    prompt: text(search, "prompt"),
    system: text(search, "system"),
    temperature: number(search, "temperature"),
    max: number(search, "max"),
    tools: text(search, "tools"),
    schema: text(search, "schema"),
  };
}

/** A pane's model, and the provider that must serve it. */
export function paneOf(spec: string): { model: string; provider: string | null } {
  const [model = "", provider = null] = spec.split("@");
  return { model, provider };
}
