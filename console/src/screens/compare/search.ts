import { MOST_COMPARED } from "~/screens/models/search";
import { list, type Search } from "~/urls/search";

/** Which models stand side by side. */
export function compareSearch(search: Search): { models?: string[] } {
  return { models: list(search, "models")?.slice(0, MOST_COMPARED) };
}
