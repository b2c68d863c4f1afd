import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const python = (filling: Filling) => `import anthropic

client = anthropic.Anthropic(base_url="${filling.origin}", api_key="${filling.key}")`;

const typescript = (filling: Filling) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "${filling.origin}", apiKey: "${filling.key}" });`;

const ask = (filling: Filling, more: object = {}) =>
  curl(`${filling.origin}/v1/messages`, [`x-api-key: ${filling.key}`, "anthropic-version: 2023-06-01"], {
    model: filling.model,
    max_tokens: 1024,
    messages: [{ role: "user", content: "Hello!" }],
    ...more,
  });

/** <https://docs.anthropic.com/en/api/messages> */
export const ANTHROPIC: Door = {
  id: "anthropic",
  name: "Anthropic",
  base: "",
  samples: {
    chat: {
      curl: { install: CURL_INSTALL, whole: ask, streamed: (filling) => ask(filling, { stream: true }) },
      python: {
        install: "pip install anthropic",
        whole: (filling) => `${python(filling)}
message = client.messages.create(
    model=${text(filling.model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}],
)
print("".join(part.text for part in message.content if part.type == "text"))`,
        streamed: (filling) => `${python(filling)}
with client.messages.stream(
    model=${text(filling.model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}],
) as stream:
    for words in stream.text_stream:
        print(words, end="", flush=True)`,
      },
      typescript: {
        install: "npm install @anthropic-ai/sdk",
        whole: (filling) => `${typescript(filling)}
const message = await client.messages.create({
  model: ${text(filling.model)},
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(message.content.map((part) => (part.type === "text" ? part.text : "")).join(""));`,
        streamed: (filling) => `${typescript(filling)}
const stream = client.messages.stream({
  model: ${text(filling.model)},
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello!" }],
});
stream.on("text", (words) => process.stdout.write(words));
await stream.finalMessage();`,
      },
    },
  },
};
