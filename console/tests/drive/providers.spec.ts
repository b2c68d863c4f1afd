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

test("one's own provider is changed, and what the form does not show stays", async ({
  console: page,
  gateway,
}) => {
  const headers = { authorization: `Bearer ${gateway.token}` };
  const path = `${gateway.url}/admin/v1/providers/changed`;
  const priced = { id: "priced", input: "1.5", output: "3", context: 32_000 };
  const said = {
    enabled: true,
    base_url: "http://127.0.0.1:9/v1",
    speaks: ["openai_chat"],
    models: [priced, { id: "goes" }],
  };
  await page.request.put(path, { headers, data: said });
  await page.request.post(`${path}/credentials`, { headers, data: { name: "kept", api_key: "secret" } });

  await page.goto("providers?provider=changed");
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Edit" }).click();
  await expect(page).toHaveURL(/edit=true/);
  const form = page.getByRole("complementary", { name: "Change changed" });
  const address = form.getByRole("textbox", { name: "Address" });
  await expect(address).toHaveValue(said.base_url);
  await address.fill("not an address");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toContainText("base_url");
  await address.fill("http://127.0.0.1:10/v1");
  const models = form.getByRole("combobox", { name: "Models" });
  await models.press("Backspace");
  await models.fill("comes");
  await models.press("Enter");
  await form.getByLabel("Input price of priced").fill("0.75");
  await form.getByLabel("Output price of comes").fill("2");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form.getByRole("alert")).toContainText("input and output");
  await form.getByLabel("Input price of comes").fill("1");
  await form.getByRole("button", { name: "Save" }).click();

  await expect(panel.getByText("http://127.0.0.1:10/v1")).toBeVisible();
  await expect(panel.getByText("kept")).toBeVisible();
  const now = async () => (await (await page.request.get(path, { headers })).json()).said;
  const remaining = [
    { ...priced, input: "0.75" },
    { id: "comes", input: "1", output: "2" },
  ];
  expect(await now()).toEqual({ ...said, base_url: "http://127.0.0.1:10/v1", models: remaining });

  await panel.getByRole("button", { name: "Edit" }).click();
  await form.getByRole("checkbox", { name: "Requests may go to it" }).uncheck();
  await form.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByText("Not enabled", { exact: true })).toBeVisible();
  await page.request.delete(path, { headers });
});
