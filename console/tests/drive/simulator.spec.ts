import { expect, test } from "../browser";

test("two panes stream side by side, and their requests are in the logs", async ({ console: page }) => {
  await page.goto("simulator?pane=simulator/echo,simulator/slow&prompt=Hello%20there");
  await page.getByRole("button", { name: "Run" }).click();
  const [echo, slow] = ["simulator/echo", "simulator/slow"].map((model) =>
    page.getByRole("region", { name: `Answer of ${model}` }),
  );
  if (!echo || !slow) throw new Error("two panes");
  // It writes for some seconds, and its text grows meanwhile.
  const text = slow.getByText(/Simulated/);
  await expect(text).toBeVisible();
  const before = (await text.innerText()).length;
  await expect.poll(async () => (await text.innerText()).length).toBeGreaterThan(before);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(slow.getByText("Stopped.")).toBeVisible();
  await expect(echo.getByText("Hello there")).toBeVisible();
  await expect(echo.getByText("Cost").locator("..")).toContainText("$0.0000");

  await echo.getByText("Served by Simulator").click();
  await echo.getByRole("link", { name: "See it in the logs" }).click();
  const panel = page.getByRole("complementary");
  await expect(panel.getByText("1. Simulator")).toBeVisible();
  await expect(panel.getByText("Uncached input")).toBeVisible();
});

test("tools, schema and parameters reach the model", async ({ console: page }) => {
  const schema = JSON.stringify({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  });
  await page.goto(`simulator?pane=simulator/fast&prompt=Where&max=50&schema=${encodeURIComponent(schema)}`);
  await page.getByRole("button", { name: "Run" }).click();
  // The field that the schema was written into has the same words.
  const answer = page.getByRole("region", { name: "Answer of simulator/fast" });
  await expect(answer.getByText(/^\{"city":\s*"[^"]*"\}$/)).toBeVisible();
  await page.getByLabel("Tools (JSON)").fill("{");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText("This is not JSON")).toBeVisible();
});

test("a refusal says what to do", async ({ console: page }) => {
  await page.goto("simulator?pane=openai/gpt-4o-mini&prompt=Hello");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
});
