import { expect, test } from "../browser";

test("requests come in live, are filtered, and open beside the list", async ({ console: page, gateway }) => {
  const made: { key: string } = JSON.parse(
    gateway.run("keys", "create", "--project", "logs", "--name", "live", "--json"),
  );
  const call = (model: string) =>
    page.request.post(`${gateway.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${made.key}` },
      data: { model, messages: [{ role: "user", content: "Hi" }] },
    });
  await call("simulator/echo");
  await page.goto("logs");
  await expect(page.getByRole("row", { name: /simulator\/echo/ }).first()).toBeVisible();
  await page.getByRole("button", { name: "Follow live" }).click();
  await expect(page).toHaveURL(/live=true/);
  await expect(page.getByRole("button", { name: "Following live" })).toBeVisible();
  const refused = await call("nobody/nothing");
  expect(refused.status()).toBe(404);
  await expect(page.getByRole("row", { name: /nobody\/nothing/ })).toBeVisible();

  await page.getByRole("button", { name: "Outcome" }).click();
  const choice = page.getByRole("checkbox", { name: "Caller's mistake" });
  const [square, words] = [
    await choice.boundingBox(),
    await page.getByText("Caller's mistake").boundingBox(),
  ];
  expect(
    Math.abs((square?.y ?? 0) - (words?.y ?? 100)),
    "a choice and its words stand in one line",
  ).toBeLessThan(8);
  await choice.check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: /simulator\/echo/ })).toHaveCount(0);
  await page
    .getByRole("row", { name: /nobody\/nothing/ })
    .first()
    .click();
  const panel = page.getByRole("complementary");
  await expect(panel.getByRole("note")).toContainText("nobody/nothing");
  await expect(panel.getByText("No provider was called.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
});

test("a session that ended leads to the log-in, and from there back", async ({ console: page }) => {
  await page.goto("logs");
  await expect(page.getByRole("heading", { name: "Logs" })).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Overview" }).click();
  await expect(page).toHaveURL(/login\?next=/);
});
