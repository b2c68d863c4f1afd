import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const python = (filling: Filling) => `from google import genai

client = genai.Client(api_key="${filling.key}", http_options={"base_url": "${filling.origin}"})`;

const typescript = (filling: Filling) => `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: "${filling.key}", httpOptions: { baseUrl: "${filling.origin}" } });`;

const ask = (filling: Filling, verb: string) =>
  curl(`${filling.origin}/v1beta/models/${filling.model}:${verb}`, [`x-goog-api-key: ${filling.key}`], {
    contents: [{ role: "user", parts: [{ text: "Hello!" }] }],
  });

/** <https://ai.google.dev/api/generate-content> */
export const GEMINI: Door = {
  id: "gemini",
  name: "Gemini",
  base: "",
  samples: {
    chat: {
      curl: {
        install: CURL_INSTALL,
        whole: (filling) => ask(filling, "generateContent"),
        streamed: (filling) => ask(filling, "streamGenerateContent?alt=sse"),
      },
      python: {
        install: "pip install google-genai",
        whole: (filling) => `${python(filling)}
answer = client.models.generate_content(model=${text(filling.model)}, contents="Hello!")
print(answer.text)`,
        streamed: (filling) => `${python(filling)}
for chunk in client.models.generate_content_stream(model=${text(filling.model)}, contents="Hello!"):
    print(chunk.text or "", end="", flush=True)`,
      },
      typescript: {
        install: "npm install @google/genai",
        whole: (filling) => `${typescript(filling)}
const answer = await client.models.generateContent({ model: ${text(filling.model)}, contents: "Hello!" });
console.log(answer.text);`,
        streamed: (filling) => `${typescript(filling)}
const stream = await client.models.generateContentStream({ model: ${text(filling.model)}, contents: "Hello!" });
for await (const chunk of stream) {
  process.stdout.write(chunk.text ?? "");
}`,
      },
    },
  },
};
