// How well models and providers serve, and how much goes through, from recorded traffic.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import { SIMULATOR } from "./providers";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Figures = Schemas["FiguresView"];
export type PerformanceGroup = Schemas["PerformanceGroup"];
export type Traffic = Schemas["Traffic"];
export type TrafficGroup = Schemas["TrafficGroup"];
export type Sums = Schemas["SumsView"];
type TrafficOf = NonNullable<operations["performance_traffic"]["parameters"]["query"]>;
type Query = NonNullable<operations["performance_performance"]["parameters"]["query"]>;

export const WINDOWS = ["24h", "7d", "30d"] as const;
export type Window = (typeof WINDOWS)[number];
export const WINDOW_NAMES: Record<Window, string> = {
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
  "30d": "the last 30 days",
};

const A_MINUTE = 60_000;

/** Figures by group; with a bucket, over time too. */
export const performanceQuery = (query: Query) =>
  queryOptions({
    queryKey: ["performance", query],
    queryFn: ({ signal }) => answer(admin.GET("/admin/v1/performance", { params: { query }, signal })),
    staleTime: A_MINUTE,
    placeholderData: keepPreviousData,
  });

/** Points of a day are hours, of longer spans days. */
export function bucketOf(window: Window): "hour" | "day" {
  return window === "24h" ? "hour" : "day";
}

/** Requests, tokens and cost over time. */
export interface Flow {
  /** All of it. */
  traffic: Traffic;
  /** What of it the simulator served. */
  simulated: TrafficGroup;
}

/** Both together, so that they are of one moment and can be taken from each other. */
export const flowQuery = (window: Window, by: "model" | "provider") =>
  queryOptions({
    queryKey: ["traffic", window, by],
    queryFn: async ({ signal }): Promise<Flow> => {
      const ask = (more: TrafficOf) => {
        const query = { window, bucket: bucketOf(window), ...more };
        return answer(admin.GET("/admin/v1/traffic", { params: { query }, signal }));
      };
      const [traffic, { total }] = await Promise.all([ask({ by }), ask({ provider: SIMULATOR })]);
      return { traffic, simulated: total };
    },
    staleTime: A_MINUTE,
    placeholderData: keepPreviousData,
  });

/** The begin of every bucket of a window, those without traffic too: seconds since 1970. */
export function momentsOf(
  { from, until }: { from: string; until: string },
  bucket: "hour" | "day",
): number[] {
  const step = bucket === "hour" ? 3600 : 86_400;
  const first = Math.floor(Date.parse(from) / 1000 / step) * step;
  const count = Math.ceil((Date.parse(until) / 1000 - first) / step);
  return Array.from({ length: count }, (_, at) => first + at * step);
}
