// Who serves models.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type Provider = components["schemas"]["ProviderView"];

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/providers", { signal })),
  staleTime: 60_000,
});
