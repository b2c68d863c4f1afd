// What words of the API are called on screen.

const CAPABILITIES: Record<string, string> = {
  tools: "Tools",
  parallel_tools: "Parallel tools",
  structured_output: "Structured output",
  vision: "Vision",
  files: "Files",
  audio: "Audio in",
  reasoning: "Reasoning",
  prompt_caching: "Prompt caching",
  streaming: "Streaming",
  video: "Video in",
  web_search: "Web search",
  computer_use: "Computer use",
  audio_output: "Audio out",
  image_output: "Image out",
};

/** All capabilities there are, in the order in which they are shown. */
export const ALL_CAPABILITIES = Object.keys(CAPABILITIES);

export function capabilityName(word: string): string {
  return CAPABILITIES[word] ?? sentence(word);
}

const OPERATIONS: Record<string, string> = { chat: "Chat", embed: "Embeddings", complete: "Completions" };

export function operationName(word: string): string {
  return OPERATIONS[word] ?? sentence(word);
}

/** What a provider may speak. */
export const DIALECTS: Record<string, string> = {
  openai_chat: "OpenAI Chat Completions",
  openai_responses: "OpenAI Responses",
  anthropic: "Anthropic Messages",
  gemini: "Gemini",
  bedrock: "Bedrock Converse",
  cohere: "Cohere",
};

const RATES: Record<string, string> = {
  input: "Input",
  output: "Output",
  cache_read: "Cache read",
  cache_write: "Cache write",
  cache_write_1h: "Cache write, 1 h",
  reasoning: "Reasoning",
  audio_input: "Audio in",
  audio_output: "Audio out",
  image_input: "Image in",
  image_output: "Image out",
  per_request: "Request",
  per_web_search: "Web search",
};

export function rateName(word: string): string {
  return RATES[word] ?? sentence(word);
}

const GRANTED: Record<string, string> = { default: "Yes", by_agreement: "By agreement", none: "No" };

/** A promise about data; unknown is not granted, and says so. */
export function grantedName(word: string | null | undefined): string {
  return word ? (GRANTED[word] ?? sentence(word)) : "Not stated";
}

/** What became of a call to a provider. */
export function outcomeName(word: string): string {
  return word === "credential" ? "Credential refused" : sentence(word);
}

/** `rate_limited` is `Rate limited`. */
export function sentence(word: string): string {
  const spaced = word.replaceAll("_", " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What the gateway says, begun like a sentence; a field that it names first stays as it is written. */
export function saying(message: string): string {
  return /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

/** `a, b and c`. */
export function listed(words: string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
