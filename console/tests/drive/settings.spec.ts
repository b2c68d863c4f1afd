import { test as base } from "@playwright/test";
import { expect, letIn, makeOwner, OWNER, test, watch } from "../browser";
import { startGateway } from "../gateway";

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

test("light and dark are chosen without a complaint of the browser's", async ({ console: page }) => {
  await page.goto("settings");
  const scheme = page.locator("html");
  for (const name of ["Dark", "Light", "Dark"]) {
    await page.getByRole("radiogroup", { name: "Colours" }).getByText(name).click();
    await expect(scheme).toHaveAttribute("data-mantine-color-scheme", name.toLowerCase());
  }
  await page.getByRole("navigation").getByRole("button", { name: "Light" }).click();
  await expect(scheme).toHaveAttribute("data-mantine-color-scheme", "light");
  await page.reload();
  await expect(scheme).toHaveAttribute("data-mantine-color-scheme", "light");
});

base("logging out everywhere ends every session, this one too", async ({ page, browser }) => {
  const gateway = await startGateway();
  try {
    const elsewhere = await (await browser.newContext()).newPage();
    const complaints = [page, elsewhere].map((one) => watch(one, gateway.url));
    const settings = `${gateway.url}/console/settings`;
    await letIn(elsewhere, gateway, await makeOwner(gateway));
    const logIn = async () => {
      await page.getByLabel("E-mail address").fill(OWNER.email);
      await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
      await page.getByRole("button", { name: "Log in" }).click();
    };
    const title = { level: 1, name: "Settings" } as const;
    await page.goto(settings);
    await logIn();
    await expect(page.getByRole("heading", title)).toBeVisible();

    const button = page.getByRole("button", { name: "Log out everywhere" });
    await button.click();
    const dialog = page.getByRole("dialog", { name: "Log out everywhere?" });
    await expect(dialog).toContainText("in this browser too");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await elsewhere.goto(settings);
    await expect(elsewhere.getByRole("heading", title)).toBeVisible();

    await button.click();
    await dialog.getByRole("button", { name: "Log out everywhere" }).click();
    await expect(page).toHaveURL(/login/);
    for (const one of [page, elsewhere]) {
      await one.goto(settings);
      await expect(one).toHaveURL(/login/);
    }
    await logIn();
    await expect(page.getByRole("heading", title)).toBeVisible();
    expect(complaints).toEqual([[], []]);
  } finally {
    await gateway.stop();
  }
});
