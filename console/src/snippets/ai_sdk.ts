import type { Door, Filling } from "./snippets";
import { text } from "./write";

const gateway = (filling: Filling, call: string) => `import { createGateway } from "@ai-sdk/gateway";
import { ${call} } from "ai";

globalThis.AI_SDK_DEFAULT_PROVIDER = createGateway({
  baseURL: "${filling.origin}/v4/ai",
  apiKey: "${filling.key}",
});`;

/** <https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway> */
export const AI_SDK: Door = {
  id: "ai_sdk",
  name: "AI SDK",
  base: "/v4/ai",
  samples: {
    chat: {
      typescript: {
        install: "npm install ai @ai-sdk/gateway",
        whole: (filling) => `${gateway(filling, "generateText")}
const { text } = await generateText({ model: ${text(filling.model)}, prompt: "Hello!" });
console.log(text);`,
        streamed: (filling) => `${gateway(filling, "streamText")}
const { textStream } = streamText({ model: ${text(filling.model)}, prompt: "Hello!" });
for await (const words of textStream) {
  process.stdout.write(words);
}`,
      },
    },
  },
};
