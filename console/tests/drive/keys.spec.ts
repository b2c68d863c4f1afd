import { expect, test } from "../browser";

test("a key is made, limited, rotated and revoked", async ({ console: page, gateway }) => {
  await page.goto("keys");
  await page.getByRole("button", { name: "Make a key" }).first().click();
  await page.getByRole("combobox", { name: "Project" }).fill("shop");
  await page.getByRole("textbox", { name: "Name" }).fill("checkout");
  await page.getByPlaceholder("all models").fill("simulator/echo");
  await page.keyboard.press("Enter");
  // The menu closes, and the form stays.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Make the key" }).click();
  const secret = await page.getByRole("button", { name: "Copy the key" }).innerText();

  const call = (model: string, key: string) =>
    page.request.post(`${gateway.url}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${key}` },
      data: { model, messages: [{ role: "user", content: "Hi" }] },
    });
  expect((await call("simulator/echo", secret)).status()).toBe(200);
  expect((await call("simulator/fast", secret)).status()).toBeGreaterThanOrEqual(400);

  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /checkout/ }).click();
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  const next = await page.getByRole("button", { name: "Copy the key" }).innerText();
  expect((await call("simulator/echo", secret)).status()).toBe(200);
  expect((await call("simulator/echo", next)).status()).toBe(200);

  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("complementary").getByText("Revoked")).toBeVisible();
  expect((await call("simulator/echo", secret)).status()).toBe(401);
});
