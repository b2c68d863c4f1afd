// The fake provider that the other test suites use too (crates/testkit), and configuration that puts it in the place of real
// ones, each in the dialect that it speaks: so models of real authors answer, and nobody is called.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { programAt } from "./gateway";

export interface Fake {
  url: string;
  /** Has it answer for models of these names, which it knows only by its own scenarios else. */
  teach: (models: string[]) => Promise<void>;
  stop: () => void;
}

/** How often a model that it was taught answers. */
const ANSWERS = 200;

export async function startFake(): Promise<Fake> {
  const child = spawn(programAt("fake-provider", process.env.FAKE_PROVIDER_BIN), [], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /^listening (\S+)/.exec(line)?.[1];
    // It ends with its standard input.
    if (url) return { url, teach: (models) => teach(url, models), stop: () => child.stdin.end() };
  }
  throw new Error("the fake provider did not start; is it built?");
}

async function teach(url: string, models: string[]) {
  for (const model of models) {
    const behaviours = Array.from({ length: ANSWERS }, () => ({ scenario: "text" }));
    const answer = await fetch(`${url}/_fake/script`, {
      method: "POST",
      body: JSON.stringify({ model, behaviours }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

/** What each provider speaks here, and where the paths of that begin. */
const PROVIDERS: Record<string, { speaks: string[]; path: string }> = {
  openai: { speaks: ["openai_chat", "openai_responses"], path: "/v1" },
  anthropic: { speaks: ["anthropic"], path: "/v1" },
  "google-ai-studio": { speaks: ["gemini"], path: "/v1beta" },
  "amazon-bedrock": { speaks: ["bedrock"], path: "" },
  cohere: { speaks: ["cohere"], path: "/v2" },
  groq: { speaks: ["openai_chat"], path: "/v1" },
  mistral: { speaks: ["openai_chat"], path: "/v1" },
};

export function configFor(fake: Fake): string {
  const tables = Object.entries(PROVIDERS).map(
    ([provider, { speaks, path }]) =>
      `[providers.${provider}]\nbase_url = "${fake.url}${path}"\napi_key = "fake-upstream-key"\n` +
      `speaks = ${JSON.stringify(speaks)}\n`,
  );
  return tables.join("\n");
}
