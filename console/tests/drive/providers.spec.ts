import { expect, test } from "../browser";

test("a provider is enabled by a key, tested, and one's own is added", async ({ console: page }) => {
  await page.goto("providers");
  await page.getByLabel("Search providers").fill("simulator");
  await page
    .getByRole("row", { name: /Simulator/ })
    .last()
    .click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Test" }).click();
  await expect(panel.getByRole("status")).toContainText("answered in");
  await panel.getByRole("link", { name: "See the request" }).click();
  await expect(page.getByText("1. Simulator")).toBeVisible();

  await page.goto("providers?q=groq");
  await page.getByRole("row", { name: /groq/ }).last().click();
  await panel.getByRole("textbox", { name: "API key" }).fill("gsk_not_real");
  await panel.getByRole("button", { name: "Store the key" }).click();
  await expect(panel.getByText("Enabled", { exact: true })).toBeVisible();
  await panel.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(panel.getByText("Not enabled", { exact: true })).toBeVisible();

  await page.goto("providers?add=true");
  await panel.getByRole("textbox", { name: "Id" }).fill("next-door");
  await panel.getByRole("textbox", { name: "Address" }).fill("http://127.0.0.1:9/v1");
  await panel.getByPlaceholder("llama-3.3-70b").fill("tiny");
  await page.keyboard.press("Enter");
  await panel.getByRole("button", { name: "Add the provider" }).click();
  await expect(panel.getByRole("heading", { name: "next-door" })).toBeVisible();
  await page.getByLabel("Search providers").fill("next-door");
  await expect(page.getByRole("row", { name: /next-door/ })).toBeVisible();
  await panel.getByRole("button", { name: "Remove the provider" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(panel).toHaveCount(0);
});
