// A page of the console, logged in, on a gateway of its own; it fails the test where the console complains or asks another
// host for anything.

import { test as base, expect, type Page } from "@playwright/test";
import { type Gateway, startGateway } from "./gateway";
import { makeTraffic, type Traffic } from "./traffic";

export const OWNER = { name: "Ada", email: "ada@example.org", password: "correct horse battery" };

interface PerWorker {
  /** One for all tests of a worker: none of them may need that it is untouched. */
  gateway: Gateway;
  /** The cookie of the owner, who is made once. */
  cookie: string;
  /** Requests of many kinds, made when a test of a worker first asks for them. */
  traffic: Traffic;
}

export const test = base.extend<{ console: Page }, PerWorker>({
  gateway: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const gateway = await startGateway();
      await use(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
  cookie: [async ({ gateway }, use) => use(await makeOwner(gateway)), { scope: "worker" }],
  traffic: [async ({ gateway }, use) => use(await makeTraffic(gateway)), { scope: "worker" }],
  baseURL: async ({ gateway }, use) => use(`${gateway.url}/console/`),
  console: async ({ page, gateway, cookie }, use) => {
    await letIn(page, gateway, cookie);
    const complaints = watch(page, gateway.url);
    await use(page);
    expect(complaints, "complaints of the console").toEqual([]);
  },
});

/** Makes the owner of a gateway that has none; the cookie of the first session. */
export async function makeOwner(gateway: Gateway): Promise<string> {
  const answer = await fetch(`${gateway.url}/admin/v1/owner`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...OWNER, token: gateway.welcome.split("#")[1] }),
  });
  const cookie = answer.headers.get("set-cookie");
  if (!answer.ok || cookie === null)
    throw new Error(`no owner was made: ${answer.status} ${await answer.text()}`);
  return cookie.split(";")[0] ?? "";
}

/** Has a page be logged in by the cookie of a session. */
export async function letIn(page: Page, { url }: Gateway, cookie: string) {
  const [name = "", value = ""] = cookie.split("=");
  await page.context().addCookies([{ name, value, url, httpOnly: true, sameSite: "Strict" }]);
}

/** What goes wrong on a page from now on: errors in its console, uncaught ones, requests to other hosts. */
export function watch(page: Page, url: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    // The browser itself complains of answers like 404, which some tests ask for; the console's own errors matter.
    const expected = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !asked.startsWith("data:") && !asked.startsWith("blob:"))
      complaints.push(`asks ${asked}`);
  });
  return complaints;
}

export { expect };
