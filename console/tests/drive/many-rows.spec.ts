import { expect, test } from "../browser";

const ROWS = 100_000;

/** Records as the admin API gives them, as many as nobody should scroll through. */
function records(): string {
  const nothing =
    '"attempts":[],"estimate":false,"interrupted":false,"error":null,"lost":[],"excluded":[],"client_request_id":null';
  const usage = '"usage":{"input":10,"cache_read":0,"cache_write":0,"output":20,"reasoning":0}';
  const one = (at: number) =>
    `{"id":"gen_${at.toString(16).padStart(32, "0")}","at":"2026-11-21T10:00:00.000Z","project":"p","key":"k","door":"POST /v1/x",` +
    `"model":"a/${at}","provider":"p","status":200,"stream":true,"requested_model":"a","operation":"chat","organization":"o",` +
    `"cost_usd":"0.0001","first_token_ms":5,"duration_ms":50,${usage},${nothing}}`;
  return `{"requests":[${Array.from({ length: ROWS }, (_, at) => one(at)).join(",")}],"next_before":null}`;
}

test("a hundred thousand log rows are a hundred and fifty nodes at most", async ({ console: page }) => {
  const body = records();
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
