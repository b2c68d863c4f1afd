// Management tokens: what programs use the admin API with.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type ManagementToken = components["schemas"]["TokenView"];

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/management-tokens", { signal })),
});

/** Makes a token; its secret is in this answer and nowhere else. */
export function createToken(name: string): Promise<components["schemas"]["CreatedToken"]> {
  return answer(admin.POST("/admin/v1/management-tokens", { body: { name } }));
}

export async function deleteToken(id: string): Promise<void> {
  await answer(admin.DELETE("/admin/v1/management-tokens/{id}", { params: { path: { id } } }));
}
