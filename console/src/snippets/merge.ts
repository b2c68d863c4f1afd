import type { Door, Filling } from "./snippets";
import { CURL_INSTALL, curl, text } from "./write";

const ask = (filling: Filling) =>
  curl(`${filling.origin}/merge/v1/responses`, [`Authorization: Bearer ${filling.key}`], {
    model: filling.model,
    input: [{ type: "message", role: "user", content: "Hello!" }],
  });

/** As the packages `merge-gateway-sdk` and `merge-gateway-python` speak it. */
export const MERGE: Door = {
  id: "merge",
  name: "Merge",
  base: "/merge/v1",
  samples: {
    chat: {
      curl: { install: CURL_INSTALL, whole: ask },
      python: {
        install: "pip install merge-gateway-sdk",
        whole: (filling: Filling) => `from merge_gateway import MergeGateway

client = MergeGateway(base_url="${filling.origin}/merge/v1", api_key="${filling.key}")
answer = client.responses.create(model=${text(filling.model)}, input="Hello!")
print("".join(part.text for item in answer.output for part in item.content if part.type == "text"))`,
      },
    },
  },
};
