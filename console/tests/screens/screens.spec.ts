import { test as base } from "@playwright/test";
import { expect, test } from "../browser";
import { startGateway } from "../gateway";
import { open, SCREENS } from "../screens";

// Pictures of every screen, for people to look at: `make screenshots` writes them to target/screenshots.

const FOLDER = new URL("../../../target/screenshots/", import.meta.url).pathname;
const WIDTHS = { wide: 1440, phone: 390 };
const LOOKS = (["light", "dark"] as const).flatMap((scheme) =>
  Object.entries(WIDTHS).map(([width, pixels]) => ({ scheme, width, pixels })),
);
const heightOf = (width: string) => (width === "phone" ? 844 : 900);

for (const { scheme, width, pixels } of LOOKS) {
  for (const screen of SCREENS) {
    test(`${screen.name} ${width} ${scheme}`, async ({ console: page, traffic }) => {
      await page.setViewportSize({ width: pixels, height: heightOf(width) });
      await page.emulateMedia({ colorScheme: scheme });
      await open(page, screen, traffic);
      await page.waitForLoadState("networkidle");
      await page.waitForTimeout(300);
      // Nothing may be wider than the window.
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      // What sticks to the top of the window would else stand in the middle of the picture.
      await page.evaluate(() => window.scrollTo(0, 0));
      // Of a long list only what is in view is drawn, and a dialog stands in the window.
      const part = (await page.locator("[data-row], [role=dialog], aside").count()) > 0;
      await page.screenshot({ path: `${FOLDER}${screen.name}-${width}-${scheme}.png`, fullPage: !part });
      expect(wide).toBeLessThanOrEqual(pixels);
    });
  }
}

base("welcome, before there is an owner", async ({ page }) => {
  const gateway = await startGateway();
  try {
    for (const { scheme, width, pixels } of LOOKS) {
      await page.setViewportSize({ width: pixels, height: heightOf(width) });
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto("about:blank");
      await page.goto(gateway.welcome);
      await expect(page.getByText("You are the first here.")).toBeVisible();
      await page.getByRole("textbox", { name: "Password" }).fill("password password");
      await page.getByRole("button", { name: "Make the account" }).focus();
      await page.screenshot({ path: `${FOLDER}welcome-${width}-${scheme}.png` });
    }
  } finally {
    await gateway.stop();
  }
});
