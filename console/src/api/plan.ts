// Who would serve a request, in which order, and why the others would not. Nobody is called.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type Plan = components["schemas"]["PlanView"];

export const planQuery = (body: Record<string, unknown>) =>
  queryOptions({
    queryKey: ["plan", body],
    queryFn: ({ signal }) =>
      answer(
        admin.POST("/admin/v1/plan", { body: { body, path: "/v1/chat/completions", headers: {} }, signal }),
      ),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
