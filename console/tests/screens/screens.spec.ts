import { expect, test } from "../browser";
import { SCREENS } from "../screens";

// Pictures of every screen, for people to look at: `make screenshots` writes them to target/screenshots.

const FOLDER = new URL("../../../target/screenshots/", import.meta.url).pathname;
const WIDTHS = { wide: 1440, phone: 390 };

test.beforeAll(async ({ gateway }) => {
  const made: { key: string } = JSON.parse(
    gateway.run("keys", "create", "--project", "pictures", "--name", "traffic", "--json"),
  );
  const models = ["echo", "fast", "reasoner", "flaky", "slow"];
  const calls = Array.from({ length: 60 }, (_, at) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.key}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: `simulator/${models[at % models.length]}`,
        messages: [{ role: "user", content: `What is ${at} + ${at}? Say it in ${(at % 7) + 3} words.` }],
        stream: at % 3 !== 0,
        max_tokens: 40,
      }),
    }).then((answer) => answer.text()),
  );
  await Promise.all(calls);
});

for (const scheme of ["light", "dark"] as const) {
  for (const [width, pixels] of Object.entries(WIDTHS)) {
    for (const { name, path, ready } of SCREENS) {
      test(`${name} ${width} ${scheme}`, async ({ console: page }) => {
        await page.setViewportSize({ width: pixels, height: width === "phone" ? 844 : 900 });
        await page.emulateMedia({ colorScheme: scheme });
        await page.goto(path);
        await expect(page.getByText(ready).first()).toBeVisible();
        await page.waitForLoadState("networkidle");
        await page.waitForTimeout(300);
        // Nothing may be wider than the window.
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        // Of a long list only what is in view is drawn.
        const list = (await page.locator("[data-row], [data-active]").count()) > 0;
        await page.screenshot({ path: `${FOLDER}${name}-${width}-${scheme}.png`, fullPage: !list });
        expect(wide).toBeLessThanOrEqual(pixels);
      });
    }
  }
}
