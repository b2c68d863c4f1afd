import { useMemo } from "react";
import { useNames } from "~/api/names";
import {
  type Flow,
  momentsOf,
  type Sums,
  type TrafficGroup,
  WINDOW_NAMES,
  type Window,
} from "~/api/performance";
import { shortCount } from "~/format/counts";
import { type Pico, shortUsd } from "~/format/money";
import { zoneOf } from "~/format/time";
import { Chart, type Line } from "~/parts/Chart";
import { billedOverTime, costOf, isSimulated } from "./money";
import classes from "./Overview.module.css";

/** More lines cannot be told apart. */
const MOST_LINES = 5;

/** Spend and requests over time: all together, and the dearest by themselves. */
export default function Charts({ flow, window }: { flow: Flow; window: Window }) {
  const nameOf = useNames();
  const { moments, spend, requests, failed } = useMemo(() => draw(flow, nameOf), [flow, nameOf]);
  const { traffic, simulated } = flow;
  const note = `${WINDOW_NAMES[window]}, by ${traffic.bucket}, ${zoneOf(traffic.bucket)}`;
  return (
    <div className={classes.charts}>
      <Chart
        title="What it costs"
        note={`USD${costOf(simulated.sums) > 0n ? " without play money" : ""}, ${note}`}
        bucket={traffic.bucket}
        moments={moments}
        lines={spend}
        format={dollars}
      />
      <Chart
        title="How much is asked"
        note={`Requests, ${note}`}
        bucket={traffic.bucket}
        moments={moments}
        lines={requests}
        format={shortCount}
      />
      <Chart
        title="What goes wrong"
        note={`Requests that failed, were limited or wrong, ${note}`}
        bucket={traffic.bucket}
        moments={moments}
        lines={failed}
        format={shortCount}
      />
    </div>
  );
}

const dollars = (usd: number) => shortUsd(BigInt(Math.round(usd * 1e12)));
const usd = (pico: Pico) => Number(pico) / 1e12;

function draw(flow: Flow, nameOf: (id: string) => string) {
  const { traffic } = flow;
  const moments = momentsOf(traffic, traffic.bucket);
  const line = (group: TrafficGroup, name: string, of: string, value: (sums: Sums) => number): Line => {
    const values = new Map(group.series.map(({ at, sums }) => [Date.parse(at) / 1000, value(sums)]));
    // Where nothing came there was nothing: that is no gap.
    return { name, of, values: moments.map((moment) => values.get(moment) ?? 0) };
  };
  const each = (groups: TrafficGroup[], value: (sums: Sums) => number) =>
    groups
      .slice(0, MOST_LINES)
      .map((group) =>
        line(group, group.name ? nameIn(group.name, nameOf) : "No provider", group.name || "none", value),
      );
  const spent = billedOverTime(flow);
  const billing = traffic.groups.filter(({ name, sums }) => !isSimulated(name) && costOf(sums) > 0n);
  return {
    moments,
    spend: [
      { name: "All", of: "", values: moments.map((moment) => usd(spent.get(moment * 1000) ?? 0n)) },
      ...each(billing, (sums) => usd(costOf(sums))),
    ],
    requests: [
      line(traffic.total, "All", "", (sums) => sums.requests),
      ...each(traffic.groups, (sums) => sums.requests),
    ],
    failed: [
      line(traffic.total, "Failed", "failed", (sums) => sums.failed),
      line(traffic.total, "Rate limited", "limited", (sums) => sums.rate_limited),
      line(traffic.total, "Caller's mistakes", "caller", (sums) => sums.caller_fault),
    ],
  };
}

function nameIn(name: string, nameOf: (id: string) => string): string {
  return name.includes("/") ? name : nameOf(name);
}
