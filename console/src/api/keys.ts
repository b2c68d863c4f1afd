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

/** Puts a new key with the same rights in the place of one, which works for some hours more. */
export async function rotateKey(id: string, graceHours: number): Promise<CreatedKey> {
  const body = { grace_seconds: graceHours * 3600 };
  const rotated = await answer(admin.POST("/admin/v1/keys/{id}/rotate", { params: { path: { id } }, body }));
  const { successor } = rotated;
  rememberKey({ id: successor.id, name: successor.name, secret: successor.key });
  return successor;
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
