// Every sample of code on ten model pages, taken from the page and run as it stands: with curl and with the official client
// packages. Models of real authors are answered by the fake provider, in the dialect of the provider that has them.

import type { Page } from "@playwright/test";
import { BEDROCK } from "../../src/snippets/bedrock";
import {
  doorsFor,
  LANGUAGE_NAMES,
  LANGUAGES,
  type Language,
  languagesOf,
  NO_KEY,
  steps,
} from "../../src/snippets/snippets";
import { test as base, expect } from "../browser";
import { configFor, type Fake, startFake } from "../fake";
import { type Gateway, startGateway } from "../gateway";
import { type Ran, run, startTls, type TlsFront } from "./runners";

const CHATS = [
  "openai/gpt-4o-mini",
  "openai/o4-mini",
  "anthropic/claude-sonnet-4.6",
  "google/gemini-2.5-flash",
  "amazon/nova-lite-v1",
  "cohere/command-a",
  "meta-llama/llama-3.3-70b-instruct",
  "mistralai/codestral-2508",
  "simulator/reasoner",
];
const EMBEDS = ["openai/text-embedding-3-small"];
const PAGES = [
  ...CHATS.map((model) => ({ model, operation: "chat" as const })),
  ...EMBEDS.map((model) => ({ model, operation: "embed" as const })),
];

/** Says something that is certainly a model's answer. */
const ANSWERED = { chat: /Hello|[Ss]imulated/, embed: /^\d+$|"embedding"/m };

const test = base.extend<object, { fake: Fake; tls: TlsFront; key: string }>({
  fake: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const fake = await startFake();
      await use(fake);
      fake.stop();
    },
    { scope: "worker" },
  ],
  gateway: [
    async ({ fake }, use) => {
      const gateway = await startGateway(configFor(fake));
      await use(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
  key: [
    async ({ gateway }, use) => {
      const made = gateway.run("keys", "create", "--project", "samples", "--name", "samples", "--json");
      await use(JSON.parse(made).key);
    },
    { scope: "worker" },
  ],
  tls: [
    async ({ gateway }, use) => {
      const front = await startTls(gateway.url);
      await use(front);
      front.stop();
    },
    { scope: "worker" },
  ],
});

interface Shown {
  door: string;
  language: Language;
  /** First call, other model. */
  codes: string[];
}

/** The samples as somebody finds them: at each door, in each language. */
async function samplesOn(page: Page, model: string): Promise<Shown[]> {
  await page.goto(`models/${model}`);
  const use = page.getByRole("region", { name: "Use it", exact: true });
  const doors = use.getByRole("group", { name: "Client protocol" }).getByRole("button");
  await expect(doors.first()).toBeVisible();
  const shown: Shown[] = [];
  for (const button of await doors.all()) {
    await button.click();
    await expect(button).toHaveAttribute("aria-pressed", "true");
    const door = await button.innerText();
    for (const language of LANGUAGES) {
      const first = use.getByRole("region", { name: `Make the first call: ${LANGUAGE_NAMES[language]}` });
      const choice = use.getByRole("radiogroup").getByText(LANGUAGE_NAMES[language], { exact: true });
      if ((await choice.count()) > 0) await choice.click();
      else if ((await first.count()) === 0) continue;
      await expect(first).toBeVisible();
      const codes = await use.locator("ol pre").allInnerTexts();
      expect(codes).toHaveLength(3);
      shown.push({ door, language, codes: codes.slice(1) });
    }
  }
  return shown;
}

/** The models that samples ask for, `author/slug`. */
function namedIn(codes: string[]): string[] {
  const words = codes.flatMap(
    (code) => decodeURIComponent(code).match(/[a-z0-9-]+\/[a-zA-Z0-9.:-]+(?=["':/])/g) ?? [],
  );
  return [...new Set(words)];
}

/** Has the fake answer for models, by the names that their providers have for them. */
async function teach(fake: Fake, gateway: Gateway, models: string[]) {
  for (const model of models) {
    const answer = await fetch(`${gateway.url}/admin/v1/models/${model}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    // Not everything with a slash is a model.
    if (!answer.ok) continue;
    const { offerings }: { offerings: { callable: boolean; wire_id: string }[] } = await answer.json();
    await fake.teach(offerings.filter(({ callable }) => callable).map(({ wire_id }) => wire_id));
  }
}

function check(all: { what: string; ran: Ran }[], answered: RegExp) {
  const wrong = all.filter(({ ran }) => ran.error !== null || !answered.test(ran.printed));
  expect(wrong.map(({ what, ran }) => `${what}: ${ran.error ?? `said ${ran.printed}`}`)).toEqual([]);
}

for (const { model, operation } of PAGES) {
  test(`every sample on the page of ${model} answers`, async ({ console: page, gateway, fake, key }) => {
    test.setTimeout(180_000);
    const shown = await samplesOn(page, model);
    await teach(fake, gateway, namedIn(shown.flatMap(({ codes }) => codes)));
    const expected = doorsFor(operation).map((door) => languagesOf(door, operation, gateway.url).length);
    expect(shown).toHaveLength(expected.reduce((sum, count) => sum + count, 0));
    for (const { door, codes } of shown) {
      expect(decodeURIComponent(codes[0] ?? ""), door).toContain(model);
      expect(codes[0], door).toContain(gateway.url);
    }
    // Packages that stand in one environment are loaded once.
    for (const [language, of] of [
      ["curl", "any"],
      ["python", "other"],
      ["python", "merge"],
      ["typescript", "any"],
    ] as const) {
      const group = shown.filter(
        (one) => one.language === language && (of === "any" || (one.door === "Merge") === (of === "merge")),
      );
      const samples = group.flatMap(({ door, codes }) =>
        codes.map((code, at) => ({
          what: `${door}, ${language}, sample ${at + 1}`,
          code: code.replaceAll(NO_KEY, key),
        })),
      );
      const ran = await run(
        language,
        of,
        samples.map(({ code }) => code),
        {},
      );
      check(
        ran.map((one, at) => ({ what: samples[at]?.what ?? "", ran: one })),
        ANSWERED[operation],
      );
    }
  });
}

test("boto3 asks every model, where there is TLS", async ({ gateway, fake, key, tls }) => {
  await teach(fake, gateway, CHATS);
  const sample = BEDROCK.samples.chat?.python;
  if (!sample) throw new Error("no sample for boto3");
  const codes = CHATS.flatMap((model) =>
    steps(sample, { origin: tls.url, model, key }, "simulator/fast")
      .slice(1)
      .map(({ code }) => code),
  );
  const ran = await run("python", "bedrock", codes, tls.env);
  check(
    ran.map((one, at) => ({ what: CHATS[Math.floor(at / 2)] ?? "", ran: one })),
    ANSWERED.chat,
  );
});
