import { WINDOWS, type Window } from "~/api/performance";
import { oneOf, type Search } from "~/urls/search";

export interface OverviewSearch {
  window?: Window;
  /** What the charts are split by. */
  by?: "model" | "provider";
}

export function overviewSearch(search: Search): OverviewSearch {
  return { window: oneOf(search, "window", WINDOWS), by: oneOf(search, "by", ["model", "provider"]) };
}
