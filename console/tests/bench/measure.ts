// What benches of the console measure in a page, and how they say it.

import type { Page } from "@playwright/test";
import { expect } from "../browser";

/** Begins to note long tasks and moves of the layout, from the first byte of the page on. */
export async function watchPage(page: Page) {
  await page.addInitScript(() => {
    const noted = { longest: 0, moved: 0 };
    Object.assign(window, { noted });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) noted.longest = Math.max(noted.longest, duration);
    }).observe({ type: "longtask" });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) noted.moved += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

type Noted = { noted: { longest: number; moved: number } };

/** How much the layout has moved since the page began. */
export const moved = (page: Page) => page.evaluate(() => (window as unknown as Noted).noted.moved);

/** Begins anew with the longest task. */
export const forget = (page: Page) =>
  page.evaluate(() => {
    (window as unknown as Noted).noted.longest = 0;
  });

/** The longest task since then, in milliseconds; 0 where none took 50. */
export const longest = (page: Page) => page.evaluate(() => (window as unknown as Noted).noted.longest);

/** Turns the wheel, as fast as a hand does. */
export async function wheel(page: Page, steps: number) {
  for (let step = 0; step < steps; step += 1) {
    await page.mouse.wheel(0, 1500);
    await page.waitForTimeout(30);
  }
}

/** Prints the median, and fails where it is over its limit. */
export function report(what: string, values: number[], most: number, unit: string) {
  const middle = median(values);
  process.stdout.write(`${what}: ${middle.toFixed(3)} ${unit} (at most ${most})\n`);
  expect(middle, what).toBeLessThanOrEqual(most);
}

export function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
