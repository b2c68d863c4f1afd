import { expect, test } from "../browser";

test("the overview adds up what was asked", async ({ console: page, gateway }) => {
  const made: { key: string } = JSON.parse(
    gateway.run("keys", "create", "--project", "sums", "--name", "sums", "--json"),
  );
  for (let at = 0; at < 3; at += 1) {
    await page.request.post(`${gateway.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${made.key}` },
      data: { model: "simulator/fast", messages: [{ role: "user", content: "Hi" }] },
    });
  }
  await page.goto("");
  await expect(page.getByRole("img", { name: /What it costs/ })).toBeVisible();
  const row = page
    .getByRole("table", { name: "What the money went to" })
    .getByRole("row", { name: /simulator\/fast/ });
  await expect(row).toContainText(/\$0\.000\d/);
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: "Simulator Fast" })).toBeVisible();
  await page.getByRole("link", { name: "Performance", exact: true }).click();
  await expect(page.getByText(/own traffic in the last 24 hours/)).toBeVisible();
});

test("settings make and delete a management token", async ({ console: page, gateway }) => {
  await page.goto("settings");
  await page.getByLabel("Name of the token").fill("pipeline");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = await page.getByRole("button", { name: "Copy the token" }).innerText();
  const asked = () =>
    page.request.get(`${gateway.url}/admin/v1/keys`, { headers: { authorization: `Bearer ${token}` } });
  expect((await asked()).status()).toBe(200);
  const row = page.getByText("pipeline", { exact: true });
  await row.locator("..").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
  expect((await asked()).status()).toBe(401);
});
