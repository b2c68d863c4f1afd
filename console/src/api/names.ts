// What authors, providers and keys are called. A lab that also serves models is called what its provider is called.

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { keysQuery } from "./keys";
import { providersQuery } from "./providers";
import { sessionQuery } from "./session";

/** Gives the name of a provider or author by its id. */
export function useNames(): (id: string) => string {
  const names = useQuery({ ...providersQuery, select: namesOf }).data;
  return useCallback((id) => names?.get(id) ?? titled(id), [names]);
}

/** Gives the name of a key by its id. What is asked from the console goes by who asked, instead of a key. */
export function useKeyNames(): (id: string) => string {
  const names = useQuery({ ...keysQuery, select: namesOf }).data;
  const user = useQuery(sessionQuery).data?.user;
  return useCallback(
    (id) =>
      names?.get(id) ?? (id === user?.id ? `${user.name}, here` : id.startsWith("user_") ? "a person" : id),
    [names, user],
  );
}

function namesOf(named: { id: string; name: string }[]): Map<string, string> {
  return new Map(named.map(({ id, name }) => [id, name]));
}

/** `meta-llama` is `Meta Llama`; what is short is mostly an abbreviation. */
export function titled(id: string): string {
  const words = id.split(/[-_]/).filter((word) => word !== "");
  return words
    .map((word) => (word.length <= 2 ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}
