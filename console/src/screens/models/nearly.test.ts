import { expect, it } from "vitest";
import type { ModelSummary } from "~/api/catalogue";
import { nearly } from "./nearly";

const model = (id: string, name: string, aliases: string[] = [], callable = false) =>
  ({ id, name, aliases, callable, author: id.split("/")[0], released: null }) as unknown as ModelSummary;

const ALL = [
  model("openai/gpt-4o-mini-tts", "GPT-4o mini TTS"),
  model("openai/gpt-4o-mini", "GPT-4o mini"),
  model("openai/gpt-4.1", "GPT-4.1"),
  model("anthropic/claude-sonnet-4.6", "Claude Sonnet 4.6", ["claude-sonnet-4-6"]),
  model("mistralai/mistral-large-2512", "Mistral Large 3"),
  model("mistralai/mixtral-8x22b", "Mixtral 8x22B", [], true),
];

it.each<[string, string[]]>([
  ["gpt-4o-minni", ["openai/gpt-4o-mini", "openai/gpt-4o-mini-tts"]],
  ["gtp4o mini", ["openai/gpt-4o-mini", "openai/gpt-4o-mini-tts"]],
  ["openia/gpt-4.1", ["openai/gpt-4.1", "openai/gpt-4o-mini", "openai/gpt-4o-mini-tts"]],
  ["Clade Sonet", ["anthropic/claude-sonnet-4.6"]],
  ["sonet 4.6", ["anthropic/claude-sonnet-4.6"]],
  ["azure/claude-sonet", ["anthropic/claude-sonnet-4.6"]],
  ["nobody/anthropic", []],
  // What is as near, and can be called, comes first.
  ["mixtal", ["mistralai/mixtral-8x22b"]],
  ["mistrtl", ["mistralai/mixtral-8x22b", "mistralai/mistral-large-2512"]],
  // Short words are to be right: too many names are a letter away from them.
  ["gpx", []],
  ["gemini", []],
  ["nothing is called that", []],
  [" - ", []],
  ["", []],
  ["x".repeat(5000), []],
])("%s", (typed, ids) => {
  expect(nearly(ALL, typed).map(({ id }) => id)).toEqual(ids);
});

it("answers for thousands of models, all of them nearly it, in a moment", () => {
  const many = Array.from({ length: 4000 }, (_, at) =>
    model(`author-${at % 90}/model-with-a-name-${at}`, `Model with a name ${at}`, [`alias-${at}`]),
  );
  const runs = Array.from({ length: 3 }, () => {
    const begun = performance.now();
    nearly(many, "modle-with-a-nmae-3999x");
    return performance.now() - begun;
  });
  // The best of several, since the machine may be busy.
  expect(Math.min(...runs)).toBeLessThan(300);
});
