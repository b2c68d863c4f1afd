// What the address of the logs says: filters, whether they are followed live, and the request that is open.

import type { RequestFilter } from "~/api/requests";
import { flag, oneOf, type Search, text } from "~/urls/search";

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
  status?: "2xx" | "4xx" | "5xx";
  stream?: "yes" | "no";
  span?: Span;
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
    status: oneOf(search, "status", ["2xx", "4xx", "5xx"]),
    stream: oneOf(search, "stream", ["yes", "no"]),
    span: oneOf(search, "span", Object.keys(SPANS) as Span[]),
    live: flag(search, "live"),
    request: text(search, "request"),
  };
}

/** The filter that an address means, at a moment in milliseconds. */
export function filterOf(search: LogsSearch, now: number): RequestFilter {
  const { model, provider, project, key, status, stream, span } = search;
  return {
    ...(model && { model }),
    ...(provider && { provider }),
    ...(project && { project }),
    ...(key && { key }),
    ...(status && { status }),
    ...(stream && { stream: stream === "yes" }),
    ...(span && { since: new Date(now - HOURS[span] * 3_600_000).toISOString() }),
  };
}

/** Whether a request that just came fits, as far as following does not filter itself. */
export function fits(request: { status: number; stream: boolean }, search: LogsSearch): boolean {
  const status = `${Math.floor(request.status / 100)}xx`;
  return (
    (!search.status || search.status === status) &&
    (!search.stream || (search.stream === "yes") === request.stream)
  );
}
