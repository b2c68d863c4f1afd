// The anthropic package: text, whole and streamed; schemas, images, usage, ends.

import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import * as cases from './cases.mjs';
import { cells, direct, world } from './gateway.mjs';

const at = world();
const messages = (prefix = '') =>
  new Anthropic({ baseURL: at.url + prefix, apiKey: at.key, maxRetries: 0 }).messages;
const row = (name, body) => cells('anthropic', name, body);

for (const prefix of direct ? [''] : ['', '/anthropic']) {
  row(`plain${prefix && ' prefixed'}`, async (upstream, spoken) => {
    const { data, response } = await messages(prefix)
      .create({
        model: at.model(upstream, 'text'),
        max_tokens: 500,
        system: [{ type: 'text', text: 'Be brief.' }],
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hello, you.' },
          { role: 'user', content: [{ type: 'text', text: 'Once more: grüße' }] },
        ],
        stop_sequences: ['END'],
        metadata: { user_id: 'user-7' },
      })
      .withResponse();
    assert.deepEqual(data.content.map((block) => [block.type, block.text]), [['text', cases.TEXT]]);
    assert.deepEqual([data.role, data.stop_reason, data.stop_sequence], ['assistant', 'end_turn', null]);
    const received = await at.fake.onlyRequest();
    assert.deepEqual(cases.seenAnthropicUsage(data.usage), cases.anthropicUsage(spoken.writes(received.usage)));
    assert.deepEqual([data.usage.input_tokens, data.usage.output_tokens], [21, 7]);
    const body = await at.fake.body();
    cases.checkRequest(spoken, body);
    if (spoken.tells.includes('user')) assert.equal(received.id, 'user-7');
    if (at.gateway) {
      const record = await at.gateway.record(response.headers.get('x-request-id'));
      assert.deepEqual([record.status, record.usage.input, record.usage.output], [200, 21, 7]);
      assert.equal(Number(record.cost_usd), 0.000035);
    }
  });
}

row('stream', async (upstream) => {
  const asked = { model: at.model(upstream, 'text'), max_tokens: 500, messages: cases.hello(), stream: true };
  const events = await cases.all(await messages().create(asked));
  const kinds = events.map((event) => event.type);
  assert.deepEqual(kinds, [
    'message_start',
    'content_block_start',
    ...cases.TEXT_CHUNKS.map(() => 'content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  const texts = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta.text);
  assert.deepEqual(texts, cases.TEXT_CHUNKS);
  assert.equal(events.at(-2).delta.stop_reason, 'end_turn');
  assert.equal(events.at(-2).usage.output_tokens, 7);
});

row('stream helper', async (upstream, spoken) => {
  const stream = messages().stream({ model: at.model(upstream, 'text'), max_tokens: 500, messages: cases.hello() });
  const seen = [];
  stream.on('text', (delta) => seen.push(delta));
  const final = await stream.finalMessage();
  assert.deepEqual(seen, cases.TEXT_CHUNKS);
  assert.equal(await stream.finalText(), cases.TEXT);
  assert.equal(final.stop_reason, 'end_turn');
  const { usage } = await at.fake.onlyRequest();
  assert.deepEqual(cases.seenAnthropicUsage(final.usage), cases.anthropicUsage(spoken.writes(usage)));
});

row('burst', async (upstream) => {
  const asked = { model: at.model(upstream, 'burst'), max_tokens: 1000, messages: cases.hello(), stream: true };
  const events = await cases.all(await messages().create(asked));
  const texts = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta.text);
  assert.equal(texts.length, 100);
  assert.deepEqual(texts.slice(0, 5), cases.COUNTED);
});

row('structured output', async (upstream) => {
  const message = await messages().parse({
    model: at.model(upstream, 'structured-output'),
    max_tokens: 500,
    messages: cases.hello(),
    output_config: { format: zodOutputFormat(cases.Trip) },
  });
  assert.deepEqual(message.parsed_output, cases.TRIP);
});

row('structured output stream', async (upstream) => {
  const stream = messages().stream({
    model: at.model(upstream, 'structured-output'),
    max_tokens: 500,
    messages: cases.hello(),
    output_config: { format: zodOutputFormat(cases.Trip) },
  });
  assert.deepEqual((await stream.finalMessage()).parsed_output, cases.TRIP);
});

row('image', async (upstream, spoken) => {
  const content = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: cases.PNG } },
    { type: 'text', text: 'What is this?' },
  ];
  const url = 'https://images.invalid/cat.png';
  if (spoken.opens_urls) content.unshift({ type: 'image', source: { type: 'url', url } });
  const model = at.model(upstream, 'image');
  const message = await messages().create({ model, max_tokens: 500, messages: [{ role: 'user', content }] });
  const seen = [...(spoken.opens_urls ? [`url ${url}`] : []), cases.PNG_SEEN.slice('Seen: '.length)];
  assert.equal(message.content[0].text, `Seen: ${seen.join('; ')}`);
});

row('usage with caching', async (upstream, spoken) => {
  const told = spoken.writes({ input: 100, cache_read: 2000, cache_write: 300, output: 4 });
  const expected = cases.anthropicUsage(told);
  const marker = { type: 'ephemeral' };
  const asked = {
    model: at.model(upstream, 'cached'),
    max_tokens: 500,
    system: [{ type: 'text', text: 'A long text.', cache_control: marker }],
    messages: cases.hello(),
  };
  assert.deepEqual(cases.seenAnthropicUsage((await messages().create(asked)).usage), expected);
  if (upstream === 'anthropic') assert.deepEqual((await at.fake.body()).system[0].cache_control, marker);
  const final = await messages().stream(asked).finalMessage();
  assert.deepEqual(cases.seenAnthropicUsage(final.usage), expected);
});

row('length', async (upstream) => {
  const asked = { model: at.model(upstream, 'length'), max_tokens: 500, messages: cases.hello() };
  assert.equal((await messages().create(asked)).stop_reason, 'max_tokens');
  assert.equal((await messages().stream(asked).finalMessage()).stop_reason, 'max_tokens');
});

row('refusal', async (upstream, spoken) => {
  const asked = { model: at.model(upstream, 'refusal'), max_tokens: 500, messages: cases.hello() };
  for (const message of [await messages().create(asked), await messages().stream(asked).finalMessage()]) {
    const reason = spoken.refusal === 'nothing' ? 'end_turn' : 'refusal';
    assert.deepEqual([message.stop_reason, message.content[0].text], [reason, 'I cannot help with that.']);
  }
});
