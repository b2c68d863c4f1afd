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
