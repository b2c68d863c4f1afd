import { expect, test } from "../browser";

// The address follows what is typed; on a slow machine it is far behind.
const SLOW = 6;

for (const { path, field } of [
  { path: "simulator", field: "Prompt" },
  { path: "providers", field: "Search providers" },
  { path: "models", field: "Search models" },
  { path: "logs", field: "Request id" },
]) {
  test(`nothing that is typed into "${field}" is lost, and the address has it in the end`, async ({
    console: page,
  }) => {
    await page.goto(path);
    const typed = page.getByLabel(field, { exact: true });
    await expect(typed).toBeVisible();
    const slowed = await page.context().newCDPSession(page);
    await slowed.send("Emulation.setCPUThrottlingRate", { rate: SLOW });
    await typed.pressSequentially("openai mini");
    // In the midst of it, where a field that is set anew would put the cursor at its end.
    for (let step = 0; step < "mini".length; step += 1) await typed.press("ArrowLeft");
    await typed.pressSequentially("gpt ");
    await expect(typed).toHaveValue("openai gpt mini");
    await expect(page).toHaveURL(/=openai%20gpt%20mini$/);
    await page.goBack();
    await page.goForward();
    await expect(typed).toHaveValue("openai gpt mini");
  });
}
