// Projects, and the keys that belong to them.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import { rememberKey } from "./knownKeys";
import type { components } from "./schema";

export type Key = components["schemas"]["KeyView"];
export type CreatedKey = components["schemas"]["CreatedKey"];
export type CreateKey = Omit<components["schemas"]["CreateKey"], "allowed_models"> & {
  allowed_models?: string[];
};
export type Project = components["schemas"]["ProjectView"];

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/keys", { signal })),
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/projects", { signal })),
});

/** Makes a key. Its secret is in this answer and nowhere else; this page remembers it for samples. */
export async function createKey(wanted: CreateKey): Promise<CreatedKey> {
  const made = await answer(admin.POST("/admin/v1/keys", { body: wanted }));
  rememberKey({ id: made.id, name: made.name, secret: made.key });
  return made;
}

type PatchKey = components["schemas"]["PatchKey"];

/** Changes what is named; it holds from the next request on. */
export function changeKey(id: string, body: PatchKey): Promise<Key> {
  return answer(admin.PATCH("/admin/v1/keys/{id}", { params: { path: { id } }, body }));
}

/** From now on it opens nothing. */
export function revokeKey(id: string): Promise<Key> {
  return answer(admin.DELETE("/admin/v1/keys/{id}", { params: { path: { id } } }));
}

/** Makes a key with the same rights, and lets the old one end after some hours. */
export async function rotateKey(key: Key, overlapHours: number): Promise<CreatedKey> {
  const made = await createKey({
    project: key.project,
    name: nextName(key.name),
    allowed_models: key.allowed_models,
    expires_at: key.expires_at,
  });
  const ends = Date.now() + overlapHours * 3_600_000;
  const sooner = key.expires_at === null ? ends : Math.min(ends, Date.parse(key.expires_at));
  await changeKey(key.id, { expires_at: new Date(sooner).toISOString() });
  return made;
}

/** Names are unique in a project: `app` is followed by `app (2)`. */
export function nextName(name: string): string {
  const match = /^(.*) \((\d+)\)$/.exec(name);
  return match ? `${match[1]} (${Number(match[2]) + 1})` : `${name} (2)`;
}

export async function createProject(name: string): Promise<void> {
  await answer(admin.POST("/admin/v1/projects", { body: { name } }));
}

export async function renameProject(id: string, name: string): Promise<void> {
  await answer(admin.PATCH("/admin/v1/projects/{id}", { params: { path: { id } }, body: { name } }));
}

export async function deleteProject(id: string): Promise<void> {
  await answer(admin.DELETE("/admin/v1/projects/{id}", { params: { path: { id } } }));
}
