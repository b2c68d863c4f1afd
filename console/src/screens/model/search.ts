import { WINDOWS, type Window } from "~/api/performance";
import { LANGUAGES, type Language } from "~/snippets/snippets";
import { oneOf, type Search, text } from "~/urls/search";

export interface ModelSearch {
  /** The door whose snippets are shown. */
  door?: string;
  /** Their language. */
  lang?: Language;
  /** The span of the charts. */
  window?: Window;
}

export function modelSearch(search: Search): ModelSearch {
  return {
    door: text(search, "door"),
    lang: oneOf(search, "lang", LANGUAGES),
    window: oneOf(search, "window", WINDOWS),
  };
}
