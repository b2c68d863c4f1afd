// How each upstream dialect says what the cells ask about. Facts stand in ../upstreams.json, which Python's suite reads too;
// here is how instructions, tools and the choice among them are read from a request.

import { readFileSync } from 'node:fs';
import path from 'node:path';

const facts = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../upstreams.json'), 'utf8'));
const usual = {
  too_large: 413,
  least_bound: 1,
  refusal: 'stop',
  signs: true,
  proof_apart: false,
  thinks_aloud: true,
  plans: false,
  one_at_a_time: true,
  opens_urls: true,
  tells_so_far: false,
  lacks: [],
};

const said = (content) => (typeof content === 'string' ? content : content.map((part) => part.text).join(''));
const ofFunctions = (body) => body.tools.map((tool) => [tool.function.name, tool.function.parameters]);
const firstMessage = (body) => said(body.messages[0].content);

/** Google's own kind of schema has types in capitals, and cannot say that an object is closed. */
function plain(schema) {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const lowered = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'type' ? value.toLowerCase() : plain(value)]),
  );
  return schema.properties ? { ...lowered, additionalProperties: false } : lowered;
}

const readers = {
  openai_chat: { system: firstMessage, tools: ofFunctions, choice: (body) => ['named', body.tool_choice.function.name] },
  openai_responses: {
    system: (body) => body.instructions ?? said(body.input[0].content),
    tools: (body) => body.tools.map((tool) => [tool.name, tool.parameters]),
    choice: (body) => ['named', body.tool_choice.name],
  },
  anthropic: {
    system: (body) => said(body.system),
    tools: (body) => body.tools.map((tool) => [tool.name, tool.input_schema]),
    choice: (body) => ['named', body.tool_choice.name],
  },
  gemini: {
    system: (body) => said(body.systemInstruction.parts),
    tools: (body) =>
      body.tools
        .flatMap((tool) => tool.functionDeclarations)
        .map((it) => [it.name, it.parametersJsonSchema ?? plain(it.parameters)]),
    choice: (body) => ['named', ...body.toolConfig.functionCallingConfig.allowedFunctionNames],
  },
  bedrock: {
    system: (body) => said(body.system),
    tools: (body) => body.toolConfig.tools.map(({ toolSpec }) => [toolSpec.name, toolSpec.inputSchema.json]),
    choice: (body) => ['named', body.toolConfig.toolChoice.tool.name],
  },
  // It names no tool: the one that must be called is the only one that is offered.
  cohere: {
    system: firstMessage,
    tools: ofFunctions,
    choice: (body) => ['named', ...body.tools.map((tool) => tool.function.name)],
  },
};

/** What stands at a path such as `generationConfig.temperature`. */
export const valueAt = (body, where) => where.split('.').reduce((value, name) => value?.[name], body);

export const upstreams = Object.fromEntries(
  Object.entries(facts).map(([dialect, own]) => {
    const spoken = { ...usual, ...own, ...readers[dialect] };
    /** What the fake says of thoughts that came back to it. */
    spoken.verified = (count = 1) => (spoken.signs ? ` (${count} signatures verified)` : '');
    /** A report as a client can know it: what is not told to be written to a cache is input, and thoughts are output. */
    spoken.writes = (usage) => {
      const { input, cache_write } = usage;
      const reasoning = spoken.tells.includes('reasoning') ? usage.reasoning : 0;
      const moved = spoken.tells.includes('cache_write') ? {} : { input: input + cache_write, cache_write: 0 };
      return { ...usage, reasoning, ...moved };
    };
    return [dialect, spoken];
  }),
);
