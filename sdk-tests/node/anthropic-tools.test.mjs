// The anthropic package: tool use and thinking, whole and streamed, and the turn after them.

import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import * as cases from './cases.mjs';
import { cells, world } from './gateway.mjs';

const at = world();
const messages = () => new Anthropic({ baseURL: at.url, apiKey: at.key, maxRetries: 0 }).messages;
const row = (name, body) => cells('anthropic', name, body);
const weather = { name: 'get_weather', description: 'The weather.', input_schema: cases.WEATHER };
const clock = { name: 'get_time', description: 'The time.', input_schema: cases.CLOCK };
const thinking = { type: 'enabled', budget_tokens: 2048 };

/** The message, asked for whole or through the streaming helper. */
function ask(streamed, asked) {
  const body = { max_tokens: 8000, ...asked };
  return streamed ? messages().stream(body).finalMessage() : messages().create(body);
}

const callsOf = (message) => message.content.filter((block) => block.type === 'tool_use');

/** The next turn: the content as it came, and a result for each call. */
function answered(message) {
  const results = callsOf(message).map((call) => ({
    type: 'tool_result',
    tool_use_id: call.id,
    content: [{ type: 'text', text: cases.ANSWERS[call.name] }],
  }));
  return [
    ...cases.hello(),
    { role: 'assistant', content: message.content },
    { role: 'user', content: results },
  ];
}

function results(calls) {
  return `Results: ${calls.map((call) => `${call.id}=${cases.ANSWERS[call.name]}`).join('; ')}`;
}

for (const streamed of [false, true]) {
  const how = streamed ? 'stream' : 'whole';

  row(`tools ${how}`, async (upstream, spoken) => {
    const asked = { model: at.model(upstream, 'tools'), tools: [weather] };
    const message = await ask(streamed, { ...asked, messages: cases.hello() });
    assert.equal(message.stop_reason, 'tool_use');
    const [said, call] = message.content;
    const kind = spoken.plans ? 'thinking' : 'text';
    assert.deepEqual([said.type, said[kind]], [kind, 'Let me look.']);
    assert.deepEqual([call.type, call.name, call.input], ['tool_use', 'get_weather', cases.WEATHER_ARGUMENTS]);
    assert.deepEqual(spoken.tools(await at.fake.body()), [['get_weather', cases.WEATHER]]);
    const second = await ask(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.content[0].text, results([call]));
    assert.equal(second.stop_reason, 'end_turn');
  });

  row(`parallel tools ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'parallel-tools'), tools: [weather, clock] };
    const message = await ask(streamed, { ...asked, messages: cases.hello() });
    const calls = callsOf(message);
    const seen = calls.map((call) => [call.name, call.input]);
    assert.deepEqual(seen, [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]]);
    assert.notEqual(calls[0].id, calls[1].id);
    const second = await ask(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.content[0].text, results(calls));
  });

  row(`reasoning ${how}`, async (upstream, spoken, context) => {
    if (cases.skipsSilent(spoken, context)) return;
    const asked = { model: at.model(upstream, 'reasoning'), thinking, messages: cases.hello() };
    const message = await ask(streamed, asked);
    const [thought] = message.content;
    const text = message.content.find((block) => block.type === 'text');
    assert.deepEqual([thought.type, thought.thinking], ['thinking', cases.THOUGHT]);
    assert.equal(typeof thought.signature, 'string');
    assert.ok(text.text.startsWith('The answer is 42.'));
    const { usage } = await at.fake.onlyRequest();
    assert.deepEqual(cases.seenAnthropicUsage(message.usage), cases.anthropicUsage(spoken.writes(usage)));
  });

  // Anthropic's API refuses a thought whose signature is missing or changed.
  row(`reasoning second turn ${how}`, async (upstream, spoken, context) => {
    if (cases.skipsSilent(spoken, context)) return;
    const asked = { model: at.model(upstream, 'reasoning'), tools: [weather], thinking };
    const message = await ask(streamed, { ...asked, messages: cases.hello() });
    const kinds = message.content.map((block) => block.type);
    assert.deepEqual(kinds, ['thinking', ...(spoken.proof_apart ? ['thinking'] : []), 'tool_use']);
    const second = await ask(streamed, { ...asked, messages: answered(message) });
    assert.equal(second.content[0].thinking, cases.SECOND_THOUGHT);
    const verified = spoken.verified();
    assert.equal(second.content.find((block) => block.type === 'text').text, results(callsOf(message)) + verified);
  });
}

row('interleaved arguments', async (upstream) => {
  const asked = { model: at.model(upstream, 'interleaved-tools'), tools: [weather, clock], messages: cases.hello() };
  const message = await ask(true, asked);
  const seen = callsOf(message).map((call) => [call.name, call.input]);
  assert.deepEqual(seen, [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]]);
});
