// What a pane sends, made of the input that all panes share.

import { paneOf, type SimulatorInput } from "./search";

/** A field of the input that is not what it should be. */
export class BadInput extends Error {
  constructor(
    readonly field: "tools" | "schema",
    message: string,
  ) {
    super(message);
  }
}

/** The body for the OpenAI door. */
export function requestOf(
  spec: string,
  input: SimulatorInput,
  image: string | null,
): Record<string, unknown> {
  const { model, provider } = paneOf(spec);
  const text = input.prompt ?? "";
  const content =
    image === null
      ? text
      : [
          { type: "text", text },
          { type: "image_url", image_url: { url: image } },
        ];
  const tools = json("tools", input.tools);
  const schema = json("schema", input.schema);
  return {
    model,
    messages: [
      ...(input.system ? [{ role: "system", content: input.system }] : []),
      { role: "user", content },
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(input.temperature !== undefined && { temperature: input.temperature }),
    ...(input.max !== undefined && { max_tokens: input.max }),
    ...(tools !== undefined && { tools }),
    ...(schema !== undefined && {
      response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } },
    }),
    ...(provider !== null && { provider: { only: [provider] } }),
  };
}

function json(field: "tools" | "schema", text: string | undefined): unknown {
  if (!text) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadInput(field, `This is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (field === "tools" && !Array.isArray(value)) throw new BadInput(field, "Tools are a list: [{ … }]");
  return value;
}
