import { expect, test } from "../browser";
import { recordPage } from "../records";

const ROWS = 100_000;

test("a hundred thousand log rows are a hundred and fifty nodes at most", async ({ console: page }) => {
  const body = recordPage(0, ROWS, false);
  await page.route("**/admin/v1/requests?*", (route) =>
    route.fulfill({ contentType: "application/json", body }),
  );
  await page.goto("logs");
  await expect(page.getByText("100,000 requests")).toBeVisible({ timeout: 30_000 });
  const rows = page.locator("tr[data-row]");
  for (const place of [0, 0.5, 1]) {
    await page.evaluate((share) => window.scrollTo(0, share * document.body.scrollHeight), place);
    await expect(page.getByText(`a/${Math.round(place * (ROWS - 1))}`, { exact: true })).toBeVisible();
    expect(await rows.count()).toBeLessThanOrEqual(150);
  }
});
