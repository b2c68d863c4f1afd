// What was used and what it cost, from records: exact, and with what has no price told apart.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";

/** How many requests of a span of time had no price, by model or provider; they count as nothing in every sum of money. */
export const unpricedQuery = (by: "model" | "provider", since: string, until: string) =>
  queryOptions({
    queryKey: ["unpriced", by, since, until],
    queryFn: async ({ signal }) => {
      const query = { by, since, until };
      const rows = await answer(admin.GET("/admin/v1/usage", { params: { query }, signal }));
      return new Map(rows.map((row) => [row[by] ?? "", row.unpriced]));
    },
    staleTime: 60_000,
  });
