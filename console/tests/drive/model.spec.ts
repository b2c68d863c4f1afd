import { expect, test } from "../browser";

test("a model page shows what is known", async ({ console: page }) => {
  await page.goto("models/openai/gpt-4o-mini");
  await expect(page.getByRole("heading", { level: 1, name: "GPT-4o mini" })).toBeVisible();
  const providers = page.getByRole("table", { name: "Providers" });
  await expect(providers.getByText("Azure OpenAI").first()).toBeVisible();
  const stats = page.getByRole("region", { name: "Quick stats" });
  for (const [name, value] of [
    ["Context window", /tokens/],
    ["Tokenizer", /o200k_base/],
    ["Knowledge cut-off", /2023/],
    ["Released", /2024-07-18/],
    ["Intelligence", /13 %.*Artificial Analysis/],
  ] as const) {
    await expect(stats.getByText(name, { exact: true }).locator("xpath=following-sibling::dd[1]")).toHaveText(
      value,
    );
  }
  await expect(page.getByRole("table", { name: "Supported parameters" })).toContainText("temperature");
  await expect(page.getByRole("region", { name: "Frequently asked" })).toContainText(
    "What does GPT-4o mini cost?",
  );
  await expect(page.getByRole("region", { name: "Similar models" }).getByRole("listitem")).toHaveCount(6);
});

test("everything about providers is seen without scrolling sideways", async ({ console: page, traffic }) => {
  expect(traffic.served).toMatch(/^gen_/);
  for (const model of ["openai/gpt-4o-mini", "anthropic/claude-sonnet-4.6", "simulator/reasoner"]) {
    await page.goto(`models/${model}`);
    const frame = page.getByRole("region", { name: "Providers" }).getByRole("region", { name: "Providers" });
    await expect(frame.getByRole("columnheader", { name: "Read" })).toBeVisible();
    const beyond = await frame.evaluate((one) => one.scrollWidth - one.clientWidth);
    expect(beyond, model).toBe(0);
  }
});

test("the calculator reckons exactly", async ({ console: page }) => {
  await page.goto("models/simulator/reasoner");
  const pricing = page.getByRole("region", { name: "Pricing" });
  await pricing.getByLabel("Input").fill("1000000");
  await pricing.getByLabel("Output").fill("100000");
  await pricing.getByLabel("Requests").fill("2");
  // Above 272,000 tokens the whole request costs more: 1 × $2.50 + 0.1 × $15, twice.
  await expect(pricing.getByRole("status")).toContainText("$8.00");
});

test("samples hold the gateway's address, the model and a new key", async ({ console: page, gateway }) => {
  await page.goto("models/simulator/echo");
  const use = page.getByRole("region", { name: "Use it" });
  await use.getByRole("button", { name: "Anthropic" }).click();
  await use.getByText("Python", { exact: true }).click();
  await expect(page).toHaveURL(/door=anthropic/);
  const code = use.getByRole("region", { name: "Make the first call: Python" });
  await expect(code).toContainText(gateway.url);
  await expect(code).toContainText("simulator/echo");
  await expect(code).toContainText("YOUR_TOLLGATE_KEY");
  await use.getByRole("button", { name: "Fill in a key" }).click();
  await page.getByRole("menuitem", { name: "Make a key for samples" }).click();
  await expect(code).not.toContainText("YOUR_TOLLGATE_KEY");
});

test("a model that is not there says so", async ({ console: page }) => {
  await page.goto("models/nobody/nothing");
  await expect(page.getByText("The catalogue has no nobody/nothing.")).toBeVisible();
});
