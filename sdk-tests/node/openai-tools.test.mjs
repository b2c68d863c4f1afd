// The openai package: tool calls and reasoning, whole and streamed, and the turn after them.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import * as cases from './cases.mjs';
import { cells, world } from './gateway.mjs';

const at = world();
const chat = () => new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0 }).chat.completions;
const row = (name, body) => cells('openai_chat', name, body);
const tool = (name, parameters) => ({ type: 'function', function: { name, parameters } });
const weather = tool('get_weather', cases.WEATHER);
const clock = tool('get_time', cases.CLOCK);

/** The message, asked for whole or through the streaming helper. */
async function ask(streamed, asked) {
  if (!streamed) return (await chat().create(asked)).choices[0];
  return (await chat().stream(asked).finalChatCompletion()).choices[0];
}

/**
 * The message, reasoning included. The package's streaming helper keeps only the last piece of a field that it does not
 * know, so a stream is put together by hand, as its users must.
 */
async function askForReasoning(streamed, asked) {
  if (!streamed) return (await chat().create(asked)).choices[0].message;
  const message = { role: 'assistant', content: '', reasoning_content: '' };
  const details = [];
  const calls = [];
  for await (const chunk of await chat().create({ ...asked, stream: true })) {
    const delta = chunk.choices[0]?.delta ?? {};
    message.content += delta.content ?? '';
    message.reasoning_content += delta.reasoning_content ?? '';
    for (const { index, text, ...rest } of delta.reasoning_details ?? []) {
      details[index] = { ...details[index], ...rest, index, text: (details[index]?.text ?? '') + (text ?? '') };
    }
    for (const { index, function: part, ...rest } of delta.tool_calls ?? []) {
      const call = (calls[index] ??= { ...rest, function: { name: part.name, arguments: '' } });
      call.function.arguments += part.arguments ?? '';
    }
  }
  if (details.length > 0) message.reasoning_details = details;
  if (calls.length > 0) message.tool_calls = calls;
  return message;
}

/** The next turn: the message as it came, and a result for each call. */
function answered(message) {
  const results = message.tool_calls.map((call) => ({
    role: 'tool',
    tool_call_id: call.id,
    content: cases.ANSWERS[call.function.name],
  }));
  return [...cases.hello(), message, ...results];
}

function results(calls) {
  return `Results: ${calls.map((call) => `${call.id}=${cases.ANSWERS[call.function.name]}`).join('; ')}`;
}

for (const streamed of [false, true]) {
  const how = streamed ? 'stream' : 'whole';

  row(`tools ${how}`, async (upstream, spoken) => {
    const asked = { model: at.model(upstream, 'tools'), tools: [weather] };
    const { message, finish_reason } = await ask(streamed, { ...asked, messages: cases.hello() });
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(message.content || '', spoken.plans ? '' : 'Let me look.');
    assert.equal(message.tool_calls.length, 1);
    assert.equal(message.tool_calls[0].function.name, 'get_weather');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), cases.WEATHER_ARGUMENTS);
    assert.deepEqual(spoken.tools(await at.fake.body()), [['get_weather', cases.WEATHER]]);
    const second = await ask(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.message.content, results(message.tool_calls));
    assert.equal(second.finish_reason, 'stop');
  });

  row(`parallel tools ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'parallel-tools'), tools: [weather, clock] };
    const { message } = await ask(streamed, { ...asked, messages: cases.hello() });
    const seen = message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
    assert.deepEqual(seen, [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]]);
    assert.notEqual(message.tool_calls[0].id, message.tool_calls[1].id);
    const second = await ask(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.message.content, results(message.tool_calls));
  });

  row(`reasoning ${how}`, async (upstream, spoken, context) => {
    if (cases.skipsSilent(spoken, context)) return;
    const asked = { model: at.model(upstream, 'reasoning'), reasoning_effort: 'low' };
    const message = await askForReasoning(streamed, { ...asked, messages: cases.hello() });
    assert.equal(message.reasoning_content, cases.THOUGHT);
    assert.ok(message.content.startsWith('The answer is 42.'));
  });

  // Anthropic's API refuses a thought whose signature is missing or changed.
  row(`reasoning second turn ${how}`, async (upstream, spoken, context) => {
    if (cases.skipsSilent(spoken, context)) return;
    const asked = { model: at.model(upstream, 'reasoning'), tools: [weather], reasoning_effort: 'low' };
    const message = await askForReasoning(streamed, { ...asked, messages: cases.hello() });
    assert.equal(message.reasoning_content, cases.THOUGHT);
    const second = await askForReasoning(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.reasoning_content, cases.SECOND_THOUGHT);
    const verified = spoken.verified();
    assert.equal(second.content, results(message.tool_calls) + verified);
  });
}

row('interleaved arguments', async (upstream) => {
  const model = at.model(upstream, 'interleaved-tools');
  const { message } = await ask(true, { model, tools: [weather, clock], messages: cases.hello() });
  const seen = message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
  assert.deepEqual(seen, [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]]);
});

row('reasoning usage', async (upstream, spoken) => {
  const model = at.model(upstream, 'reasoning');
  const completion = await chat().create({ model, messages: cases.hello(), reasoning_effort: 'low' });
  const { usage } = await at.fake.onlyRequest();
  assert.deepEqual(cases.seenOpenaiUsage(completion.usage), cases.openaiUsage(spoken.writes(usage)));
});
