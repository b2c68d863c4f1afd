import { expect, it } from "vitest";
import { NOTHING_YET, withChunk } from "~/api/ask";
import { BadInput, requestOf } from "./request";

it("asks with what is given, and nothing else", () => {
  expect(requestOf("a/b", { prompt: "Hi" }, null)).toEqual({
    model: "a/b",
    messages: [{ role: "user", content: "Hi" }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

it("keeps a pane to its provider, and carries every input", () => {
  const input = {
    prompt: "Hi",
    system: "Be brief.",
    temperature: 0,
    max: 20,
    tools: "[]",
    schema: '{"type":"object"}',
  };
  expect(requestOf("a/b@groq", input, "data:image/png;base64,AA==")).toMatchObject({
    model: "a/b",
    provider: { only: ["groq"] },
    temperature: 0,
    max_tokens: 20,
    tools: [],
    response_format: { json_schema: { schema: { type: "object" } } },
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "Hi" }, { type: "image_url" }] },
    ],
  });
});

it.each(["{", '{"a":1}'])("says that %s are no tools", (tools) => {
  expect(() => requestOf("a/b", { tools }, null)).toThrow(BadInput);
});

it("puts pieces together", () => {
  const chunks = [
    { choices: [{ delta: { content: "" } }] },
    { choices: [{ delta: { reasoning_content: "Well, " } }] },
    { choices: [{ delta: { content: "Hel" } }] },
    {
      choices: [
        { delta: { content: "lo", tool_calls: [{ index: 0, function: { name: "f", arguments: "{" } }] } },
      ],
    },
    {
      choices: [
        { delta: { tool_calls: [{ index: 0, function: { arguments: "}" } }] }, finish_reason: "stop" },
      ],
    },
    { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, cost: 0.000_012 } },
  ];
  const answer = chunks.reduce((all, chunk, at) => withChunk(all, chunk, at * 10), NOTHING_YET);
  expect(answer).toMatchObject({
    text: "Hello",
    reasoning: "Well, ",
    tools: [{ name: "f", arguments: "{}" }],
    firstMs: 10,
    tookMs: 50,
    finish: "stop",
    usage: { input: 5, output: 2, cached: 0, costUsd: "0.000012000000" },
  });
});
