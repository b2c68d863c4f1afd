import { type Search, text } from "~/urls/search";

/** Where to go after logging in: an address of this console, and of no other site. */
export function loginSearch(search: Search): { next?: string } {
  const next = text(search, "next");
  return { next: next && /^\/(?![/\\])/.test(next) ? next : undefined };
}
