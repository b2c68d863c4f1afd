// How quick the console is: the longest task while typing in the search over all models and while scrolling, and how much
// the layout moves while a screen loads. The median of five, printed; it fails where one is over its limit.

import { expect, test } from "../browser";
import { recordPage } from "../records";
import { forget, longest, moved, report, watchPage, wheel } from "./measure";

const RUNS = 5;

test("typing and scrolling over 4,000 models", async ({ console: page }) => {
  await watchPage(page);
  await page.route("**/admin/v1/models", async (route) => {
    const answer = await route.fetch();
    const models: { id: string }[] = await answer.json();
    const more = [1, 2, 3].flatMap((copy) =>
      models.map((model) => ({ ...model, id: `${model.id}-${copy}` })),
    );
    await route.fulfill({ response: answer, json: [...models, ...more].slice(0, 4000) });
  });
  const [typing, scrolling]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    await page.goto("models");
    await expect(page.getByText("4,000", { exact: true })).toBeVisible();
    await page.waitForTimeout(500);
    await forget(page);
    await page.getByLabel("Search models").pressSequentially("claude sonnet", { delay: 60 });
    await page.waitForTimeout(400);
    typing.push(await longest(page));
    await page.getByLabel("Search models").fill("");
    await page.waitForTimeout(500);
    await forget(page);
    await wheel(page, 20);
    scrolling.push(await longest(page));
  }
  report("longest task while typing", typing, 50, "ms");
  report("longest task while scrolling", scrolling, 50, "ms");
});

test("scrolling the log, 100,000 rows of a million", async ({ console: page }) => {
  const [ALL, FIRST, PAGE] = [1_000_000, 100_000, 200];
  await watchPage(page);
  const first = recordPage(0, FIRST, true);
  await page.route("**/admin/v1/requests?*", (route) => {
    const before = new URL(route.request().url()).searchParams.get("before");
    const from = before === null ? 0 : Number.parseInt(before.slice(4), 16) + 1;
    const body = before === null ? first : recordPage(from, PAGE, from + PAGE < ALL);
    return route.fulfill({ contentType: "application/json", body });
  });
  const [top, end]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    await page.goto("logs");
    await expect(page.getByText("100,000 and more requests")).toBeVisible({ timeout: 30_000 });
    await page.waitForTimeout(500);
    await page.mouse.move(720, 500);
    await forget(page);
    await wheel(page, 20);
    top.push(await longest(page));
    // Behind what is loaded, more is read as it is scrolled to.
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight - 4 * window.innerHeight));
    await page.waitForTimeout(500);
    await forget(page);
    await wheel(page, 40);
    await expect(page.getByText("100,000 and more requests")).toHaveCount(0);
    end.push(await longest(page));
  }
  report("longest task while scrolling the log", top, 50, "ms");
  report("longest task while reading on in the log", end, 50, "ms");
});

for (const path of ["", "models", "models/openai/gpt-4o-mini", "logs", "keys", "providers"]) {
  test(`layout of /${path}`, async ({ console: page }) => {
    await watchPage(page);
    const shifts: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await page.goto(path);
      await page.waitForTimeout(1500);
      shifts.push(await moved(page));
    }
    report(`layout shift of /${path}`, shifts, 0.02, "");
  });
}
