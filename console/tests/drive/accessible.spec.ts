import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../browser";
import { SCREENS } from "../screens";

for (const { name, path, ready } of SCREENS) {
  test(`${name} has no serious violation, light or dark`, async ({ console: page }) => {
    await page.goto(path);
    await expect(page.getByText(ready).first()).toBeVisible();
    for (const colorScheme of ["light", "dark"] as const) {
      // Colours that are still on their way from light to dark are neither.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(
        serious.map(({ id, nodes }) => `${colorScheme}, ${id}: ${nodes[0]?.html.slice(0, 300)}`),
      ).toEqual([]);
    }
  });
}
