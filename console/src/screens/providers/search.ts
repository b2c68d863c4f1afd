import { flag, type Search, text } from "~/urls/search";

export interface ProvidersSearch {
  q?: string;
  /** Only those that are enabled. */
  enabled?: boolean;
  /** The provider that is open beside the list. */
  provider?: string;
  /** Whether the form for one of one's own is open. */
  add?: boolean;
  /** Whether the one that is open is being changed. */
  edit?: boolean;
}

export function providersSearch(search: Search): ProvidersSearch {
  return {
    q: text(search, "q"),
    enabled: flag(search, "enabled"),
    provider: text(search, "provider"),
    add: flag(search, "add"),
    edit: flag(search, "edit"),
  };
}
