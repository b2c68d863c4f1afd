// The records of requests.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type RequestRecord = components["schemas"]["RequestView"];
export type Attempt = components["schemas"]["AttemptView"];

/** The newest request of a key; null while there is none. */
export const latestOfKeyQuery = (key: string) =>
  queryOptions({
    queryKey: ["requests", "latest", key],
    queryFn: async ({ signal }) => {
      const page = await answer(
        admin.GET("/admin/v1/requests", { params: { query: { key, limit: 1 } }, signal }),
      );
      return page.requests[0] ?? null;
    },
  });

/** One request. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ["request", id],
    queryFn: ({ signal }) =>
      answer(admin.GET("/admin/v1/requests/{id}", { params: { path: { id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
