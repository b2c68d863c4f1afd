// Every sample of code that the console shows, run as it stands against the real program: with curl for every model of the
// simulator, with the official client packages (those that sdk-tests/ installs) for one of each kind.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  DOORS,
  type Door,
  doorsFor,
  type Filling,
  type Language,
  languagesOf,
  type Operation,
  type Sample,
  steps,
} from "../../src/snippets/snippets";
import { expect, test } from "../browser";

const run = promisify(execFile);
const sdk = process.env.SDK_TESTS ?? new URL("../../../sdk-tests", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tollgate-samples-"));
symlinkSync(join(sdk, "node/node_modules"), join(folder, "node_modules"));

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CHATS = ["echo", "fast", "slow", "reasoner"].map((slug) => `simulator/${slug}`);
const OTHER = "simulator/fast";
/** Says something that is certainly the model's answer. */
const ANSWERED: Record<string, RegExp> = { "simulator/echo": /Hello!/, "simulator/embed": /\d/ };
const SIMULATED = /[Ss]imulated|Hello/;

let key = "";
test.beforeAll(({ gateway }) => {
  key = JSON.parse(gateway.run("keys", "create", "--project", "samples", "--name", "samples", "--json")).key;
});

function samples(
  operation: Operation,
  languages: Language[],
): { door: Door; language: Language; sample: Sample }[] {
  return doorsFor(operation).flatMap((door) =>
    languagesOf(door, operation, "http://127.0.0.1")
      .filter((language) => languages.includes(language))
      .flatMap((language) => {
        const sample = door.samples[operation]?.[language];
        return sample ? [{ door, language, sample }] : [];
      }),
  );
}

async function answerOf(door: Door, language: Language, code: string): Promise<string> {
  const options = { timeout: 60_000, env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } };
  if (language === "curl")
    return (await run("sh", ["-c", code.replace("curl ", "curl -sS --fail-with-body ")], options)).stdout;
  if (language === "python") {
    const venv = door.id === "merge" ? "merge/.venv/merge-gateway-sdk" : "python/.venv/requirements";
    return (await run(join(sdk, venv, "bin/python"), ["-c", code], options)).stdout;
  }
  const file = join(folder, `${door.id}-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, code);
  return (await run(process.execPath, [file], options)).stdout;
}

async function check(door: Door, language: Language, sample: Sample, filling: Filling, other: string) {
  const [, first, another] = steps(sample, filling, other);
  for (const [step, model] of [
    [first, filling.model],
    [another, other],
  ] as const) {
    if (!step) throw new Error("a sample has three steps");
    const answer = await answerOf(door, language, step.code);
    expect(answer, `${door.id}, ${language}, ${model}: ${step.title}`).toMatch(ANSWERED[model] ?? SIMULATED);
  }
}

for (const model of CHATS) {
  test(`curl asks ${model} at every door`, async ({ gateway }) => {
    const all = samples("chat", ["curl"]);
    expect(all).toHaveLength(DOORS.filter((door) => door.samples.chat?.curl).length);
    const filling = { origin: gateway.url, model, key };
    await Promise.all(all.map(({ door, language, sample }) => check(door, language, sample, filling, OTHER)));
  });
}

for (const { door, language, sample } of samples("chat", ["python", "typescript"])) {
  test(`${language} chats at the door of ${door.name}`, async ({ gateway }) => {
    await check(door, language, sample, { origin: gateway.url, model: "simulator/echo", key }, OTHER);
  });
}

for (const { door, language, sample } of samples("embed", ["curl", "python", "typescript"])) {
  test(`${language} embeds at the door of ${door.name}`, async ({ gateway }) => {
    await check(
      door,
      language,
      sample,
      { origin: gateway.url, model: "simulator/embed", key },
      "simulator/embed",
    );
  });
}
