import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const boto3 = (filling: Filling) => `import os
import boto3

os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "${filling.key}"
client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url="${filling.origin}/bedrock")`;

const ask = (filling: Filling) =>
  curl(
    `${filling.origin}/bedrock/model/${encodeURIComponent(filling.model)}/converse`,
    [`Authorization: Bearer ${filling.key}`],
    { messages: [{ role: "user", content: [{ text: "Hello!" }] }] },
  );

/** <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> */
export const BEDROCK: Door = {
  id: "bedrock",
  name: "Bedrock Converse",
  base: "/bedrock",
  note: "Keys go as bearer tokens: a signature (SigV4) cannot be checked against a key that is stored as its hash. boto3 sends bearer tokens over HTTPS only.",
  wantsTls: ["python"],
  samples: {
    chat: {
      curl: { install: CURL_INSTALL, whole: ask },
      python: {
        install: "pip install boto3",
        whole: (filling) => `${boto3(filling)}
answer = client.converse(
    modelId=${text(filling.model)},
    messages=[{"role": "user", "content": [{"text": "Hello!"}]}],
)
print("".join(part.get("text", "") for part in answer["output"]["message"]["content"]))`,
        streamed: (filling) => `${boto3(filling)}
answer = client.converse_stream(
    modelId=${text(filling.model)},
    messages=[{"role": "user", "content": [{"text": "Hello!"}]}],
)
for event in answer["stream"]:
    delta = event.get("contentBlockDelta", {}).get("delta", {})
    print(delta.get("text", ""), end="", flush=True)`,
      },
    },
  },
};
