import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../browser";
import { open, SCREENS } from "../screens";

for (const screen of SCREENS) {
  test(`${screen.name} has no serious violation, light or dark`, async ({ console: page, traffic }) => {
    await open(page, screen, traffic);
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
