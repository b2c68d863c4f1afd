// The records of requests: search, one by one, and as they come in.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { stringifySearch } from "~/urls/search";
import { ApiError, admin, answer } from "./client";
import type { components, operations } from "./schema";

export type RequestRecord = components["schemas"]["RequestView"];
export type RequestList = components["schemas"]["RequestPage"];
export type Attempt = components["schemas"]["AttemptView"];
export type Usage = components["schemas"]["UsageCounts"];
export type RequestFilter = Omit<
  NonNullable<operations["requests_list"]["parameters"]["query"]>,
  "before" | "limit"
>;

export type Verdict = NonNullable<RequestFilter["verdict"]>;

/** How many at once. */
export const PAGE = 200;

/** The gateway's own ids of requests, as in `x-request-id`. */
const OWN_ID = /^gen_[0-9a-f]{32}$/i;

export function isRequestId(text: string): boolean {
  return OWN_ID.test(text);
}

/** When what an id names began, in milliseconds since 1970: ids begin with it. */
export function momentOf(id: string): number {
  return Number.parseInt(id.slice(4, 16), 16);
}

/** Requests that fit, newest first, page by page; a page may be empty although more follow, where what fits is rare. A client's request id that is one of the gateway's own means that one. */
export const requestsQuery = (filter: RequestFilter) =>
  infiniteQueryOptions({
    queryKey: ["requests", filter],
    queryFn: ({ pageParam, signal }) => {
      const id = filter.client_request_id;
      if (id && isRequestId(id)) return alone(id, signal);
      const query = { ...filter, limit: PAGE, ...(pageParam && { before: pageParam }) };
      return answer(admin.GET("/admin/v1/requests", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_before ?? undefined,
  });

/** The page that holds one request, or none. */
async function alone(id: string, signal: AbortSignal): Promise<RequestList> {
  const one = admin.GET("/admin/v1/requests/{id}", { params: { path: { id } }, signal });
  const found = await answer(one).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });
  return { requests: found ? [found] : [], next_before: null };
}

/** Where requests that fit are heard as they come in: events `record` and `lag`. */
export function tailAddress({ since, until, ...filter }: RequestFilter): string {
  return `/admin/v1/requests/tail${stringifySearch(filter)}`;
}

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

/** What the provider's price makes of a request's usage, by component. */
export const breakdownQuery = (request: RequestRecord) =>
  queryOptions({
    queryKey: ["breakdown", request.id],
    queryFn: async ({ signal }) => {
      const { model, provider, usage, at } = request;
      const quote = await answer(
        admin.POST("/admin/v1/price", { body: { model, provider, usage: { ...usage }, at }, signal }),
      );
      const wire = request.attempts.at(-1)?.model;
      return quote.offerings.find(({ wire_id }) => wire_id === wire) ?? quote.offerings[0] ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
