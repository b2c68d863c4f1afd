// What the address of the list of models says: search, filters, order, and which models are to be compared.

import { flag, list, number, oneOf, type Search, text } from "~/urls/search";

export const SORTS = ["name", "context", "input", "output", "providers", "intelligence", "released"] as const;
export type SortBy = (typeof SORTS)[number];

export interface ModelsSearch {
  q?: string;
  author?: string[];
  provider?: string[];
  can?: string[];
  /** Kinds of input that it must take. */
  takes?: string[];
  /** Kinds of output that it must give. */
  gives?: string[];
  /** Tokens of context at least. */
  context?: number;
  /** USD per million input tokens at most. */
  price?: number;
  /** Only what can be called now. */
  callable?: boolean;
  /** Only with open weights. */
  open?: boolean;
  sort?: SortBy;
  /** The other way round than is usual for that order. */
  reverse?: boolean;
  compare?: string[];
}

export const MOST_COMPARED = 4;

export function modelsSearch(search: Search): ModelsSearch {
  return {
    q: text(search, "q"),
    author: list(search, "author"),
    provider: list(search, "provider"),
    can: list(search, "can"),
    takes: list(search, "takes"),
    gives: list(search, "gives"),
    context: number(search, "context"),
    price: number(search, "price"),
    callable: flag(search, "callable"),
    open: flag(search, "open"),
    sort: oneOf(search, "sort", SORTS),
    reverse: flag(search, "reverse"),
    compare: list(search, "compare")?.slice(0, MOST_COMPARED),
  };
}
