import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { OWNER, watch } from "../browser";
import { startGateway } from "../gateway";

test("from the one-time link to a working request", async ({ page, context }) => {
  const gateway = await startGateway();
  const complaints = watch(page, gateway.url);
  try {
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: gateway.url });
    // Who comes without the link is told of it, and opens it in the same tab.
    await page.goto(gateway.url);
    await expect(page.getByText("This page needs its link")).toBeVisible();
    await page.goto(gateway.welcome);
    await page.getByLabel("Name").fill(OWNER.name);
    await page.getByLabel("E-mail address").fill(OWNER.email);
    await page.getByRole("textbox", { name: "Password" }).fill("too short");
    await page.getByRole("button", { name: "Make the account" }).click();
    await expect(page).toHaveURL(/welcome/);
    await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
    await page.getByRole("button", { name: "Make the account" }).click();

    await expect(page.getByRole("heading", { name: "Get started" })).toBeVisible();
    await page.locator("form").getByRole("button", { name: "Make a key" }).click();
    await expect(page.getByText("is shown this once")).toBeVisible();
    await page.getByRole("button", { name: /^Copy: Make the first call/ }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const answer = execFileSync("sh", ["-c", command], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(JSON.parse(answer).choices[0].message.content).toBe("Hello!");
    await expect(page.getByText("It works.")).toBeVisible();

    // The link has worked once; another visit is led to the log-in.
    await page.getByRole("button", { name: /Log out/ }).click();
    await expect(page).toHaveURL(/login/);
    await page.goto("about:blank");
    await page.goto(gateway.welcome);
    await expect(page).toHaveURL(/login/);
    await page.getByLabel("E-mail address").fill(OWNER.email);
    await page.getByRole("textbox", { name: "Password" }).fill("wrong wrong wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.getByRole("textbox", { name: "Password" }).fill(OWNER.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByRole("navigation", { name: "Screens" })).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    await gateway.stop();
  }
});
