import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const python = (filling: Filling) => `from openai import OpenAI

client = OpenAI(base_url="${filling.origin}/v1", api_key="${filling.key}")`;

const typescript = (filling: Filling) => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${filling.origin}/v1", apiKey: "${filling.key}" });`;

const ask = (filling: Filling, more: object = {}) =>
  curl(`${filling.origin}/v1/responses`, [`Authorization: Bearer ${filling.key}`], {
    model: filling.model,
    input: "Hello!",
    ...more,
  });

/** <https://platform.openai.com/docs/api-reference/responses> */
export const RESPONSES: Door = {
  id: "responses",
  name: "OpenAI Responses",
  base: "/v1",
  samples: {
    chat: {
      curl: { install: CURL_INSTALL, whole: ask, streamed: (filling) => ask(filling, { stream: true }) },
      python: {
        install: "pip install openai",
        whole: (filling) => `${python(filling)}
answer = client.responses.create(model=${text(filling.model)}, input="Hello!")
print(answer.output_text)`,
        streamed: (filling) => `${python(filling)}
for event in client.responses.create(model=${text(filling.model)}, input="Hello!", stream=True):
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)`,
      },
      typescript: {
        install: "npm install openai",
        whole: (filling) => `${typescript(filling)}
const answer = await client.responses.create({ model: ${text(filling.model)}, input: "Hello!" });
console.log(answer.output_text);`,
        streamed: (filling) => `${typescript(filling)}
const stream = await client.responses.create({ model: ${text(filling.model)}, input: "Hello!", stream: true });
for await (const event of stream) {
  if (event.type === "response.output_text.delta") process.stdout.write(event.delta);
}`,
      },
    },
  },
};
