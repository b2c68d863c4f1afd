// What the address of the logs says: filters, whether they are followed live, and the request that is open.

import type { RequestFilter, Verdict } from "~/api/requests";
import { flag, number, oneOf, type Search, text } from "~/urls/search";

/** What became of a request. */
export const VERDICTS: Record<Verdict, string> = {
  served: "Served",
  failed: "Failed",
  caller_fault: "Caller's mistake",
  rate_limited: "Rate limited",
  abandoned: "Client left",
};

export const SPANS = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};
export type Span = keyof typeof SPANS;
const HOURS: Record<Span, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

export interface LogsSearch {
  model?: string;
  provider?: string;
  project?: string;
  key?: string;
  verdict?: Verdict;
  stream?: "yes" | "no";
  span?: Span;
  /** USD at least. */
  cost?: number;
  /** Seconds at least. */
  took?: number;
  /** A request's id: the gateway's own, or the one that the client sent along. */
  id?: string;
  live?: boolean;
  /** The request that is open beside the list. */
  request?: string;
}

export function logsSearch(search: Search): LogsSearch {
  return {
    model: text(search, "model"),
    provider: text(search, "provider"),
    project: text(search, "project"),
    key: text(search, "key"),
    verdict: oneOf(search, "verdict", Object.keys(VERDICTS) as Verdict[]),
    stream: oneOf(search, "stream", ["yes", "no"]),
    span: oneOf(search, "span", Object.keys(SPANS) as Span[]),
    cost: number(search, "cost"),
    took: number(search, "took"),
    id: text(search, "id"),
    live: flag(search, "live"),
    request: text(search, "request"),
  };
}

/** The filter that an address means, at a moment in milliseconds. */
export function filterOf(search: LogsSearch, now: number): RequestFilter {
  const { model, provider, project, key, verdict, stream, span, cost, took, id } = search;
  return {
    ...(model && { model }),
    ...(provider && { provider }),
    ...(project && { project }),
    ...(key && { key }),
    ...(verdict && { verdict }),
    ...(stream && { stream: stream === "yes" }),
    ...(cost !== undefined && { cost_least: String(cost) }),
    ...(took !== undefined && { duration_least: took * 1000 }),
    ...(id && { client_request_id: id }),
    ...(span && { since: new Date(now - HOURS[span] * 3_600_000).toISOString() }),
  };
}
