import { expect, test } from "../browser";

test("finds a model by a few letters, and the address says so", async ({ console: page }) => {
  await page.goto("models");
  await page.getByLabel("Search models").fill("gpt-4o mini");
  await expect(page.getByRole("link", { name: "GPT-4o mini", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/q=gpt-4o%20mini/);
  await page.reload();
  await expect(page.getByLabel("Search models")).toHaveValue("gpt-4o mini");
});

test("a name that is nearly right leads to the models that were meant", async ({ console: page }) => {
  await page.goto("models");
  await page.getByLabel("Search models").fill("simulator/raesoner");
  await page.getByRole("main").getByRole("link", { name: "Simulator Reasoner" }).click();
  const title = page.getByRole("heading", { level: 1 });
  await expect(title).toHaveText("Simulator Reasoner");
  await page.goto("models/simulatr/ecko");
  await page.getByRole("link", { name: "Simulator Echo" }).click();
  await expect(title).toHaveText("Simulator Echo");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Find/ }).fill("gpt4o-minni");
  await expect(page.getByText("Did you mean")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(title).toHaveText("GPT-4o mini");
});

test("filters, sorts, and draws only what is in view", async ({ console: page }) => {
  await page.goto("models");
  const rows = page.locator("tr[data-row]");
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(150);
  await page.getByRole("button", { name: "Author" }).click();
  await page.getByLabel("Search in Author").fill("simulator");
  await page.getByRole("checkbox", { name: "Simulator" }).check();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/author=simulator/);
  await page.getByRole("button", { name: /^In per/ }).click();
  await expect(rows.first()).toContainText("simulator/");
  await page.getByRole("button", { name: "Clear filters" }).click();
  // All models are there again before the page is scrolled to their end.
  await expect(page.getByRole("table", { name: "Models" })).toHaveAttribute("aria-rowcount", /^\d{4}$/);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(rows.last()).toBeInViewport();
  expect(await rows.count()).toBeLessThan(150);
});

test("moves over rows by keyboard", async ({ console: page }) => {
  await page.goto("models?author=simulator&sort=name");
  await expect(page.locator("tr[data-row]").first()).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/models\/simulator\//);
});

test("compares models", async ({ console: page }) => {
  await page.goto("models?author=simulator&sort=name");
  await page.getByRole("checkbox", { name: "Compare Simulator Echo" }).check();
  await page.getByRole("checkbox", { name: "Compare Simulator Reasoner" }).check();
  await page.getByRole("link", { name: "Compare", exact: true }).click();
  await expect(page.getByRole("columnheader", { name: /Simulator Echo/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /Input, per 1M/ })).toContainText("$1.25");
});

test("the palette finds models and screens", async ({ console: page }) => {
  await page.goto("models");
  await expect(page.getByRole("navigation", { name: "Screens" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("reasoner");
  await page.getByRole("option", { name: /Simulator Reasoner/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Simulator Reasoner" })).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/logs/);
});
