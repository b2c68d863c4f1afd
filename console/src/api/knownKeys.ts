// Keys whose secrets this page knows, because they were made here. Secrets are shown once and kept nowhere else: these live
// in memory, until the page is closed or loaded anew, or its user logs out.

import { useSyncExternalStore } from "react";

export interface KnownKey {
  id: string;
  name: string;
  secret: string;
}

let known: KnownKey[] = [];
let chosen: string | null = null;
const listeners = new Set<() => void>();

/** Keeps a key that was just made, and chooses it for samples. */
export function rememberKey(key: KnownKey) {
  known = [...known.filter(({ id }) => id !== key.id), key];
  chooseKey(key.id);
}

/** Forgets them all: whoever comes next is somebody else. */
export function forgetKeys() {
  known = [];
  chooseKey(null);
}

/** Takes that key for samples; null takes none. */
export function chooseKey(id: string | null) {
  chosen = id;
  for (const listener of listeners) listener();
}

export function useKnownKeys(): KnownKey[] {
  return useSyncExternalStore(subscribe, () => known);
}

export function useChosenKey(): KnownKey | null {
  return useSyncExternalStore(subscribe, () => known.find(({ id }) => id === chosen) ?? null);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
