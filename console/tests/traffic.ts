// Requests of every kind, so that no screen is empty.

import type { Gateway } from "./gateway";

export interface Traffic {
  /** The id of the key that asked. */
  key: string;
  /** The ids of a request that was served, after a model had thought, and of one that failed. */
  served: string;
  failed: string;
}

const MODELS = ["echo", "fast", "reasoner", "flaky", "slow"];
const REQUESTS = 60;

export async function makeTraffic(gateway: Gateway): Promise<Traffic> {
  const made: { id: string; key: string } = JSON.parse(
    gateway.run("keys", "create", "--project", "pictures", "--name", "traffic", "--json"),
  );
  const ask = async (model: string, content: string, stream: boolean) => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content }], stream, max_tokens: 40 }),
    });
    await answer.text();
    const id = answer.headers.get("x-request-id");
    if (id === null) throw new Error("a request has no id");
    return { id, status: answer.status };
  };
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, at) =>
      ask(
        `simulator/${MODELS[at % MODELS.length]}`,
        `What is ${at} + ${at}? Say it in ${(at % 7) + 3} words.`,
        at % 3 !== 0,
      ),
    ),
  );
  await ask("nobody/nothing", "Hello", false);
  const served = answers[MODELS.indexOf("reasoner")];
  const failed = answers.find(({ status }) => status >= 500);
  if (!served || !failed) throw new Error("nothing failed");
  return { key: made.id, served: served.id, failed: failed.id };
}
