import { expect, it } from "vitest";
import type { ModelSummary } from "~/api/catalogue";
import { best, choose } from "./choose";
import { modelsSearch } from "./search";

const row = (id: string, more: Partial<ModelSummary> = {}): ModelSummary => ({
  id,
  name: id.split("/")[1] ?? id,
  author: id.split("/")[0] ?? id,
  aliases: [],
  released: null,
  context: null,
  max_output: null,
  input: ["text"],
  output: ["text"],
  capabilities: [],
  operations: ["chat"],
  free_at: [],
  providers: [],
  callable: false,
  open_weights: null,
  deprecated: false,
  status: "active",
  price: null,
  intelligence: null,
  ...more,
});

const price = (input: string) => ({ input, output: "1", provider: "acme" });

const ALL = [
  row("openai/gpt-4o", {
    released: "2024-05-13",
    context: 128_000,
    price: price("2.5"),
    capabilities: ["tools", "vision"],
  }),
  row("openai/gpt-4o-mini", {
    released: "2024-07-18",
    context: 128_000,
    price: price("0.15"),
    free_at: ["acme"],
    capabilities: ["tools"],
    callable: true,
  }),
  row("meta/llama-3-8b", {
    released: "2024-04-18",
    context: 8_192,
    price: price("0"),
    open_weights: true,
    providers: ["groq", "together"],
  }),
  row("acme/unknown"),
];

const ids = (query: Record<string, string>) => choose(ALL, modelsSearch(query)).map(({ id }) => id);

it.each<[Record<string, string>, string[]]>([
  [{}, ["openai/gpt-4o-mini", "openai/gpt-4o", "meta/llama-3-8b", "acme/unknown"]],
  [
    { sort: "released", reverse: "true" },
    ["meta/llama-3-8b", "openai/gpt-4o", "openai/gpt-4o-mini", "acme/unknown"],
  ],
  [{ sort: "input" }, ["meta/llama-3-8b", "openai/gpt-4o-mini", "openai/gpt-4o", "acme/unknown"]],
  [{ sort: "name" }, ["openai/gpt-4o", "openai/gpt-4o-mini", "meta/llama-3-8b", "acme/unknown"]],
  [{ author: "openai", can: "vision" }, ["openai/gpt-4o"]],
  [{ can: "tools,vision" }, ["openai/gpt-4o"]],
  [{ context: "100000" }, ["openai/gpt-4o-mini", "openai/gpt-4o"]],
  [{ price: "0" }, ["openai/gpt-4o-mini", "meta/llama-3-8b"]],
  [{ price: "0", sort: "input" }, ["meta/llama-3-8b", "openai/gpt-4o-mini"]],
  [{ provider: "groq,nobody" }, ["meta/llama-3-8b"]],
  [{ callable: "true" }, ["openai/gpt-4o-mini"]],
  [{ open: "true" }, ["meta/llama-3-8b"]],
  [{ q: "GPT-4o" }, ["openai/gpt-4o", "openai/gpt-4o-mini"]],
  [{ q: "mini openai" }, ["openai/gpt-4o-mini"]],
  [{ q: "nothing like it" }, []],
])("%j", (query, expected) => {
  return expect(ids(query)).toEqual(expected);
});

it("puts a name that is typed whole before names that begin with it", () => {
  expect(best(ALL, "gpt-4o", 2).map(({ id }) => id)).toEqual(["openai/gpt-4o", "openai/gpt-4o-mini"]);
  expect(best(ALL, "  ", 5)).toEqual([]);
});

it("answers for thousands of models within a frame", () => {
  const many = Array.from({ length: 4000 }, (_, at) =>
    row(`author-${at % 90}/model-${at}`, { released: `2025-01-${(at % 28) + 1}` }),
  );
  const runs = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    choose(many, { q: "model-39" });
    return performance.now() - begun;
  });
  // The best of several, since the machine may be busy.
  expect(Math.min(...runs)).toBeLessThan(16);
});
