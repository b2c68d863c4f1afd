// What the fake says in its scenarios, for tests to compare with. See `crates/testkit` for the fake itself.

import assert from 'node:assert/strict';
import * as z from 'zod/v4';
import { valueAt } from './upstreams.mjs';

export const TEXT = 'Hello from the fake provider: grüße, "世界"\n 🌍.';
export const TEXT_CHUNKS = ['Hello', ' from', ' the fake', ' provider:', ' grüße,', ' "世界"\n', ' 🌍.'];
export const THOUGHT = 'The user wants grüße;\nI should be "brief".';
export const SECOND_THOUGHT = 'Now I know the result.';
export const COUNTED = [' the', ' river', ' was', ' quiet', ' and'];
export const ERROR_400 = "Invalid 'temperature': the fake provider refuses this request.";
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
export const PNG_SEEN = 'Seen: image/png 70 bytes';
export const ANSWERS = { get_weather: 'sunny, 21 °C', get_time: 'noon' };

export const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
export const WEATHER_ARGUMENTS = { city: 'a "city"\nin Zürich 🌍', days: 7 };
export const CLOCK = { type: 'object', properties: { zone: { enum: ['CET', 'UTC'] } }, required: ['zone'] };
export const CLOCK_ARGUMENTS = { zone: 'CET' };

/** What structured answers are parsed into. */
export const Trip = z.object({
  name: z.string(),
  mode: z.enum(['train', 'boat']),
  legs: z.array(z.object({ to: z.string(), hours: z.number() })),
});
export const TRIP = {
  name: 'a "name"\nin Zürich 🌍',
  mode: 'train',
  legs: [{ to: 'a "to"\nin Zürich 🌍', hours: 1.5 }],
};

export const hello = (text = 'Hello') => [{ role: 'user', content: text }];

/** The fake's report in OpenAI's convention: prompt tokens contain cached ones. */
export function openaiUsage({ input, cache_read, cache_write, output, reasoning }) {
  const prompt = input + cache_read + cache_write;
  return { prompt, completion: output, total: prompt + output, cached: cache_read, reasoning };
}

export function seenOpenaiUsage(usage) {
  return {
    prompt: usage.prompt_tokens,
    completion: usage.completion_tokens,
    total: usage.total_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

/** The fake's report in Anthropic's convention: input tokens leave out cached ones. */
export function anthropicUsage({ input, cache_read, cache_write, output }) {
  return { input, cache_read, cache_write, output };
}

export function seenAnthropicUsage(usage) {
  return {
    input: usage.input_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write: usage.cache_creation_input_tokens ?? 0,
    output: usage.output_tokens,
  };
}

/** A request that asked for all of these, as it reached the provider. */
export function checkRequest(spoken, body, temperature) {
  assert.equal(spoken.system(body), 'Be brief.');
  assert.equal(temperature === undefined ? undefined : valueAt(body, spoken.temperature), temperature);
  if (spoken.stop) assert.deepEqual(valueAt(body, spoken.stop), ['END']);
  assert.equal(valueAt(body, spoken.bound) ?? body.max_tokens, 500);
}

/** Says why a cell is left out where an upstream tells thoughts only to clients that can ask for a summary. */
export function skipsSilent(spoken, context) {
  if (!spoken.thinks_aloud) context.skip('its thoughts are told only as a summary, to those who ask for one');
  return !spoken.thinks_aloud;
}

/** All that an async iterable gives. */
export async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The promise's rejection. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail('nothing was thrown');
}
