import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const python = (filling: Filling) => `from openai import OpenAI

client = OpenAI(base_url="${filling.origin}/v1", api_key="${filling.key}")`;

const typescript = (filling: Filling) => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${filling.origin}/v1", apiKey: "${filling.key}" });`;

const ask = (filling: Filling, more: object = {}) =>
  curl(`${filling.origin}/v1/chat/completions`, [`Authorization: Bearer ${filling.key}`], {
    model: filling.model,
    messages: [{ role: "user", content: "Hello!" }],
    ...more,
  });

/** <https://platform.openai.com/docs/api-reference/chat> */
export const OPENAI: Door = {
  id: "openai",
  name: "OpenAI",
  base: "/v1",
  samples: {
    chat: {
      curl: { install: CURL_INSTALL, whole: ask, streamed: (filling) => ask(filling, { stream: true }) },
      python: {
        install: "pip install openai",
        whole: (filling) => `${python(filling)}
answer = client.chat.completions.create(
    model=${text(filling.model)},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`,
        streamed: (filling) => `${python(filling)}
stream = client.chat.completions.create(
    model=${text(filling.model)},
    messages=[{"role": "user", "content": "Hello!"}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`,
      },
      typescript: {
        install: "npm install openai",
        whole: (filling) => `${typescript(filling)}
const answer = await client.chat.completions.create({
  model: ${text(filling.model)},
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0].message.content);`,
        streamed: (filling) => `${typescript(filling)}
const stream = await client.chat.completions.create({
  model: ${text(filling.model)},
  messages: [{ role: "user", content: "Hello!" }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}`,
      },
    },
    embed: {
      curl: {
        install: CURL_INSTALL,
        whole: (filling) =>
          curl(`${filling.origin}/v1/embeddings`, [`Authorization: Bearer ${filling.key}`], {
            model: filling.model,
            input: ["Hello!"],
          }),
      },
      python: {
        install: "pip install openai",
        whole: (filling) => `${python(filling)}
answer = client.embeddings.create(model=${text(filling.model)}, input=["Hello!"])
print(len(answer.data[0].embedding))`,
      },
      typescript: {
        install: "npm install openai",
        whole: (filling) => `${typescript(filling)}
const answer = await client.embeddings.create({ model: ${text(filling.model)}, input: ["Hello!"] });
console.log(answer.data[0].embedding.length);`,
      },
    },
  },
};
