import { flag, type Search, text } from "~/urls/search";

export interface KeysSearch {
  /** Only keys of this project. */
  project?: string;
  /** The key that is open beside the list. */
  key?: string;
  /** Whether the form for a new key is open. */
  make?: boolean;
  /** Revoked and expired keys too. */
  ended?: boolean;
}

export function keysSearch(search: Search): KeysSearch {
  return {
    project: text(search, "project"),
    key: text(search, "key"),
    make: flag(search, "make"),
    ended: flag(search, "ended"),
  };
}
