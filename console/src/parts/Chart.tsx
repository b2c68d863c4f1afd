import "uplot/dist/uPlot.min.css";
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import { clock, day } from "~/format/time";
import { useDark } from "~/shell/useDark";
import classes from "./Chart.module.css";
import { colorsOf } from "./colors";

export interface Line {
  name: string;
  /** One for each moment; null is a gap. */
  values: (number | null)[];
  /** What decides the colour: the same thing has the same one everywhere. */
  of: string;
  dashed?: boolean;
}

interface Props {
  /** What the chart says, as a sentence. */
  title: string;
  /** Unit, window, samples. */
  note: string;
  /** How much time a point stands for. */
  bucket: "hour" | "day";
  /** Seconds since 1970, ascending. */
  moments: number[];
  lines: Line[];
  /** How a value is written, with its unit. */
  format: (value: number) => string;
  /** Where the axis begins and ends, if not by the values. */
  range?: [number, number];
}

const HEIGHT = 160;

/** Values over time, hours in the reader's time zone and days in UTC. Gaps are shown as gaps. */
export function Chart({ title, note, bucket, moments, lines, format, range }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const colors = useMemo(
    () =>
      colorsOf(
        lines.map(({ of }) => of),
        dark,
      ),
    [lines, dark],
  );
  useEffect(() => {
    const place = box.current;
    if (place === null) return;
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--tg-dim");
    const grid = style.getPropertyValue("--tg-line");
    const axis = {
      stroke: ink,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    const byDay = bucket === "day";
    const tick = byDay ? utcDay : hourOrDay;
    const days = byDay ? { incrs: DAYS } : {};
    const plot = new uPlot(
      {
        ...(byDay && { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") }),
        width: place.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          y: range ? { range: () => range } : { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
          { ...axis, size: 28, values: (_, ticks) => ticks.map(tick), ...days },
          { ...axis, size: 64, values: (_, ticks) => ticks.map((value) => format(value)) },
        ],
        series: [
          {},
          ...lines.map(({ of, dashed, values }) => ({
            stroke: colors.get(of),
            width: 1.75,
            spanGaps: false,
            // A line that is all gaps is seen by its points.
            points: { size: 5, show: values.includes(null), fill: colors.get(of) },
            ...(dashed && { dash: [4, 4] }),
          })),
        ],
      },
      [moments, ...lines.map(({ values }) => values)] as uPlot.AlignedData,
      place,
    );
    const resized = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
    resized.observe(place);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [bucket, moments, lines, colors, format, range]);
  return (
    <figure className={classes.figure}>
      <figcaption>
        <strong>{title}</strong>
        <span className="dim small">{note}</span>
      </figcaption>
      <div ref={box} className={classes.plot} role="img" aria-label={described(title, lines, format)} />
      <ul className={classes.legend}>
        {lines.map(({ name, of, dashed, values }) => (
          <li key={name}>
            <span className={classes.mark} data-dashed={dashed} style={{ borderColor: colors.get(of) }} />
            {name}
            <span className="dim">{latest(values, format)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Steps between ticks where points are days. */
const DAYS = [1, 2, 5, 7, 14].map((days) => days * 86_400);

function utcDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(5, 10);
}

/** The hour; at midnight the day. */
function hourOrDay(seconds: number): string {
  const ms = seconds * 1000;
  const hour = clock(ms).slice(0, 5);
  return hour === "00:00" ? day(ms).slice(5) : hour;
}

function latest(values: (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  return last === undefined ? "" : format(last);
}

/** What somebody hears who does not see the chart. */
function described(title: string, lines: Line[], format: (value: number) => string): string {
  return `${title}. ${lines.map(({ name, values }) => `${name}: latest ${latest(values, format) || "none"}`).join("; ")}`;
}
