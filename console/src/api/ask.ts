// Asking a model as an application would: over the OpenAI door, streamed.

import { refusal, unreachable } from "./client";
import { consoleProject } from "./consoleProject";
import { eventData } from "./eventStream";

/** What came so far. */
export interface Answer {
  text: string;
  reasoning: string;
  /** Calls of tools, as name and arguments. */
  tools: { name: string; arguments: string }[];
  /** The gateway's id of the request. */
  requestId: string | null;
  provider: string | null;
  /** Milliseconds to the first content. */
  firstMs: number | null;
  /** Milliseconds so far. */
  tookMs: number;
  usage: { input: number; output: number; cached: number; costUsd: string | null } | null;
  finish: string | null;
}

export const NOTHING_YET: Answer = {
  text: "",
  reasoning: "",
  tools: [],
  requestId: null,
  provider: null,
  firstMs: null,
  tookMs: 0,
  usage: null,
  finish: null,
};

interface Chunk {
  choices?: { delta?: Delta; finish_reason?: string | null }[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    prompt_tokens_details?: { cached_tokens?: number };
    cost?: number;
  } | null;
  error?: unknown;
}

interface Delta {
  content?: string | null;
  reasoning_content?: string | null;
  tool_calls?: { index: number; function?: { name?: string; arguments?: string } }[];
}

/** Asks, and tells at every piece what came so far. */
export async function ask(
  body: object,
  signal: AbortSignal,
  tell: (answer: Answer) => void,
): Promise<Answer> {
  const begun = performance.now();
  const response = await post(body, signal);
  let answer: Answer = {
    ...NOTHING_YET,
    requestId: response.headers.get("x-request-id"),
    provider: response.headers.get("x-tollgate-provider"),
  };
  if (response.body === null) return answer;
  for await (const data of eventData(response.body)) {
    if (data === "[DONE]") break;
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) throw refusal(response, chunk);
    answer = withChunk(answer, chunk, performance.now() - begun);
    tell(answer);
  }
  return { ...answer, tookMs: performance.now() - begun };
}

async function post(body: object, signal: AbortSignal): Promise<Response> {
  const project = await consoleProject();
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "x-tollgate-project": project, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  }).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw refusal(response, await response.json().catch(() => null));
  return response;
}

/** What came so far, with one more piece, that came after some milliseconds. */
export function withChunk(answer: Answer, chunk: Chunk, ms: number): Answer {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta ?? {};
  const hasContent = Boolean(delta.content || delta.reasoning_content || delta.tool_calls?.length);
  return {
    ...answer,
    text: answer.text + (delta.content ?? ""),
    reasoning: answer.reasoning + (delta.reasoning_content ?? ""),
    tools: withTools(answer.tools, delta.tool_calls ?? []),
    firstMs: answer.firstMs ?? (hasContent ? ms : null),
    tookMs: ms,
    finish: choice?.finish_reason ?? answer.finish,
    usage: chunk.usage ? usageOf(chunk.usage) : answer.usage,
  };
}

function withTools(tools: Answer["tools"], deltas: NonNullable<Delta["tool_calls"]>): Answer["tools"] {
  const next = [...tools];
  for (const { index, function: part } of deltas) {
    const old = next[index] ?? { name: "", arguments: "" };
    next[index] = { name: old.name + (part?.name ?? ""), arguments: old.arguments + (part?.arguments ?? "") };
  }
  return next;
}

function usageOf(usage: NonNullable<Chunk["usage"]>): NonNullable<Answer["usage"]> {
  return {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    // Costs are sent as numbers of at most twelve decimals.
    costUsd: usage.cost === undefined ? null : usage.cost.toFixed(12),
  };
}
