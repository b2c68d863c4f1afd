// Moments and durations as people read them. Moments are in the reader's time zone, with UTC on hover.

/** `410 ms`, `1.9 s`, `12 s`, `2 m 05 s`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

/** `now`, `40 s ago`, `5 min ago`, `3 h ago`, `2 d ago`, else the date; the same for what is to come (`in 5 min`). */
export function relative(at: string | number, now: number): string {
  const seconds = Math.round((now - new Date(at).getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "now";
  const words = span(size);
  if (words === null) return day(at);
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

function span(seconds: number): string | null {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return seconds < 7 * 86_400 ? `${Math.floor(seconds / 86_400)} d` : null;
}

/** `2026-11-21`, where the reader is. */
export function day(at: string | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `14:03:22`, where the reader is. */
export function clock(at: string | number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03:22` today, `11-20 14:03` on another day, where the reader is. */
export function clockOrDay(at: string | number, now: number): string {
  return day(at) === day(now) ? clock(at) : `${day(at).slice(5)} ${clock(at).slice(0, 5)}`;
}

/** `2026-11-20 14:03`, where the reader is. */
export function minute(at: string | number): string {
  return `${day(at)} ${clock(at).slice(0, 5)}`;
}

/** Date, time and zone, then UTC: what is shown on hover. */
export function exactMoment(at: string | number): string {
  const date = new Date(at);
  return `${day(at)} ${clock(at)} (${zoneName()})\n${date.toISOString()}`;
}

/** The zone that points over time are in: days are the gateway's, in UTC; hours are read where the reader is. */
export function zoneOf(bucket: "hour" | "day"): string {
  return bucket === "day" ? "UTC" : zoneName();
}

/** The reader's time zone: `Europe/Berlin`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
