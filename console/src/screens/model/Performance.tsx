import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import type { ModelPage } from "~/api/catalogue";
import { useNames } from "~/api/names";
import {
  bucketOf,
  type Figures,
  momentsOf,
  type PerformanceGroup,
  performanceQuery,
  WINDOW_NAMES,
  WINDOWS,
  type Window,
} from "~/api/performance";
import { fullCount, percent } from "~/format/counts";
import { duration, zoneOf } from "~/format/time";
import type { Line } from "~/parts/Chart";
import { Section } from "~/parts/Page";
import classes from "./Model.module.css";

const Chart = lazy(() => import("~/parts/Chart").then(({ Chart }) => ({ default: Chart })));
const route = getRouteApi("/shell/models/$author/$");

/** Speed, latency and success of this gateway's own traffic, of the model as a whole and by provider. */
export function Performance({ page }: { page: ModelPage }) {
  const { window = "24h" } = route.useSearch();
  const navigate = route.useNavigate();
  const bucket = bucketOf(window);
  const model = page.model.id;
  const whole = useQuery(performanceQuery({ window, by: "model", model, bucket }));
  const providers = useQuery(performanceQuery({ window, by: "provider", model, bucket }));
  const groups = useGroups(whole.data?.groups ?? [], providers.data?.groups ?? []);
  const moments = useMemo(() => (whole.data ? momentsOf(whole.data, bucket) : []), [whole.data, bucket]);
  const samples = whole.data?.groups[0]?.figures.sums.requests ?? 0;
  const choose = (value: string) =>
    void navigate({
      search: (old) => ({ ...old, window: value as Window }),
      replace: true,
      resetScroll: false,
    });
  return (
    <Section
      id="performance"
      title="Performance"
      note={
        samples > 0
          ? `This gateway's own traffic in ${WINDOW_NAMES[window]}: ${fullCount(samples)} requests.`
          : undefined
      }
      side={
        <SegmentedControl
          size="xs"
          aria-label="Window"
          data={[...WINDOWS]}
          value={window}
          onChange={choose}
        />
      }
    >
      {samples === 0 ? (
        <p className="dim">
          {whole.isPending
            ? "Reading …"
            : `No request to it in ${WINDOW_NAMES[window]}. Figures are measured on this gateway's own traffic, never taken from elsewhere.`}
        </p>
      ) : (
        <Suspense fallback={<div className={classes.charts} />}>
          <Charts groups={groups} moments={moments} window={window} />
        </Suspense>
      )}
    </Section>
  );
}

/** Something with figures over time. */
interface Named {
  name: string;
  /** Empty for the model as a whole. */
  of: string;
  group: PerformanceGroup;
}

function useGroups(whole: PerformanceGroup[], providers: PerformanceGroup[]): Named[] {
  const nameOf = useNames();
  return useMemo(
    () => [
      ...whole.slice(0, 1).map((group) => ({ name: "Gateway", of: "", group })),
      ...providers.map((group) => ({ name: nameOf(group.provider ?? ""), of: group.provider ?? "", group })),
    ],
    [whole, providers, nameOf],
  );
}

const whole = (value: number) => String(Math.round(value));
const share = (value: number) => percent(value);

function Charts({ groups, moments, window }: { groups: Named[]; moments: number[]; window: Window }) {
  const drawn = useMemo(() => draw(groups, moments), [groups, moments]);
  const bucket = bucketOf(window);
  const zone = `by ${bucket}, ${zoneOf(bucket)}`;
  const sum = (of: (figures: Figures) => number) => fullCount(groups[0] ? of(groups[0].group.figures) : 0);
  return (
    <div className={classes.charts}>
      <Chart
        title="How fast it writes"
        note={`p50 of output tokens a second, ${sum((one) => one.tokens_per_second.samples)} streams, ${zone}`}
        bucket={bucket}
        moments={moments}
        lines={drawn.speed}
        format={whole}
      />
      <Chart
        title="How soon it begins"
        note={`p50 and p95 of the time to the first content, ${sum((one) => one.first_token_ms.samples)} streams, ${zone}`}
        bucket={bucket}
        moments={moments}
        lines={drawn.latency}
        format={duration}
      />
      <Chart
        title="How often it succeeds"
        note={`Share served of what was served or failed, ${sum((one) => one.sums.served + one.sums.failed)} requests, ${zone}`}
        bucket={bucket}
        moments={moments}
        lines={drawn.success}
        format={share}
        range={FULL}
      />
    </div>
  );
}

const FULL: [number, number] = [0, 1.02];

function draw(groups: Named[], moments: number[]) {
  const line = (named: Named, name: string, of: (figures: Figures) => number | null): Line => {
    const values = new Map(named.group.series.map(({ at, figures }) => [Date.parse(at) / 1000, of(figures)]));
    return { name, of: named.of, values: moments.map((moment) => values.get(moment) ?? null) };
  };
  return {
    speed: groups.map((one) => line(one, one.name, (figures) => figures.tokens_per_second.p50)),
    latency: groups.flatMap((one) => [
      line(one, `${one.name} p50`, (figures) => figures.first_token_ms.p50),
      { ...line(one, `${one.name} p95`, (figures) => figures.first_token_ms.p95), dashed: true },
    ]),
    success: groups.map((one) => line(one, one.name, (figures) => figures.success)),
  };
}
