import { expect, test } from "../browser";
import { startFake } from "../fake";

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
  await expect(row).toContainText(/Play money\$0\.000\d/);
  const spent = page.getByText("Spent", { exact: true }).locator("..");
  await expect(spent).toContainText(/^Spent\$0USD/);
  await expect(spent).toContainText(/Simulator's play money: \$0\.0\d+/);
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: "Simulator Fast" })).toBeVisible();
  await page.getByRole("link", { name: "Performance", exact: true }).click();
  await expect(page.getByText(/own traffic in the last 24 hours/)).toBeVisible();
});

test("what has no price is said, not shown as free", async ({ console: page, gateway }) => {
  const fake = await startFake();
  try {
    const ask = async (method: string, path: string, data: object) => {
      const answer = await page.request.fetch(`${gateway.url}${path}`, {
        method,
        data,
        headers: { authorization: `Bearer ${gateway.token}` },
      });
      expect(answer.ok(), await answer.text()).toBe(true);
    };
    const provider = "/admin/v1/providers/unpriced";
    await ask("PUT", provider, {
      base_url: `${fake.url}/v1`,
      speaks: ["openai_chat"],
      models: [{ id: "fake-text" }],
    });
    await ask("POST", `${provider}/credentials`, { name: "default", api_key: "any" });
    const made: { key: string } = JSON.parse(
      gateway.run("keys", "create", "--project", "unpriced", "--name", "unpriced", "--json"),
    );
    for (let at = 0; at < 2; at += 1) {
      const answer = await page.request.post(`${gateway.url}/v1/chat/completions`, {
        headers: { authorization: `Bearer ${made.key}` },
        data: { model: "unpriced/fake-text", messages: [{ role: "user", content: "Hi" }] },
      });
      expect(answer.ok(), await answer.text()).toBe(true);
    }
    await page.goto("?by=provider");
    const spent = page.getByText("Spent", { exact: true }).locator("..");
    await expect(spent).toContainText("2 requests without a price");
    const row = page
      .getByRole("table", { name: "What the money went to" })
      .getByRole("row", { name: /^unpriced/ });
    await expect(row).toContainText("No price is known.");
    await expect(row).not.toContainText("$");
  } finally {
    fake.stop();
  }
});
