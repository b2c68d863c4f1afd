// The openai package: text, whole and streamed; schemas, images, usage, ends.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import * as cases from './cases.mjs';
import { cells, direct, world } from './gateway.mjs';
import { test } from 'node:test';

const at = world();
const chat = () => new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0 }).chat.completions;
const row = (name, body) => cells('openai_chat', name, body);
const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content).filter(Boolean);

row('plain', async (upstream, spoken) => {
  const { data, response } = await chat()
    .create({
      model: at.model(upstream, 'text'),
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hello, you.' },
        { role: 'user', content: [{ type: 'text', text: 'Once more: grüße' }] },
      ],
      max_completion_tokens: 500,
      temperature: 0.5,
      stop: ['END'],
      user: 'user-7',
    })
    .withResponse();
  const [choice] = data.choices;
  assert.equal(choice.message.content, cases.TEXT);
  assert.equal(choice.finish_reason, 'stop');
  assert.equal(choice.message.tool_calls, undefined);
  const received = await at.fake.onlyRequest();
  assert.deepEqual(cases.seenOpenaiUsage(data.usage), cases.openaiUsage(spoken.writes(received.usage)));
  assert.deepEqual([data.usage.prompt_tokens, data.usage.completion_tokens], [21, 7]);
  assert.equal(data._request_id, response.headers.get('x-request-id'));
  const body = await at.fake.body();
  cases.checkRequest(spoken, body, 0.5);
  if (spoken.tells.includes('user')) assert.equal(received.id, 'user-7');
  if (at.gateway) {
    const record = await at.gateway.record(data._request_id);
    assert.deepEqual([record.status, record.usage.input, record.usage.output], [200, 21, 7]);
    assert.equal(Number(record.cost_usd), 0.000035);
  }
});

row('stream', async (upstream, spoken) => {
  const model = at.model(upstream, 'text');
  const asked = { model, messages: cases.hello(), stream: true, stream_options: { include_usage: true } };
  const chunks = await cases.all(await chat().create(asked));
  assert.deepEqual(textOf(chunks), cases.TEXT_CHUNKS);
  const ends = chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean);
  assert.deepEqual(ends, ['stop']);
  const reports = chunks.filter((chunk) => chunk.usage);
  assert.equal(reports.length, 1);
  assert.deepEqual(chunks.at(-1).choices, []);
  const { usage } = await at.fake.onlyRequest();
  assert.deepEqual(cases.seenOpenaiUsage(chunks.at(-1).usage), cases.openaiUsage(spoken.writes(usage)));
});

row('stream without usage', async (upstream) => {
  const model = at.model(upstream, 'text');
  const chunks = await cases.all(await chat().create({ model, messages: cases.hello(), stream: true }));
  assert.ok(chunks.every((chunk) => chunk.choices.length > 0 && !chunk.usage));
  assert.equal(textOf(chunks).join(''), cases.TEXT);
});

row('stream helper', async (upstream) => {
  const stream = chat().stream({ model: at.model(upstream, 'text'), messages: cases.hello() });
  const seen = [];
  stream.on('content', (delta) => seen.push(delta));
  const final = await stream.finalChatCompletion();
  assert.equal(seen.join(''), cases.TEXT);
  assert.equal(final.choices[0].message.content, cases.TEXT);
  assert.equal(final.choices[0].finish_reason, 'stop');
});

row('burst', async (upstream) => {
  const asked = { model: at.model(upstream, 'burst'), messages: cases.hello(), max_completion_tokens: 1000 };
  const texts = textOf(await cases.all(await chat().create({ ...asked, stream: true })));
  assert.equal(texts.length, 100);
  assert.deepEqual(texts.slice(0, 5), cases.COUNTED);
});

row('structured output', async (upstream) => {
  const completion = await chat().parse({
    model: at.model(upstream, 'structured-output'),
    messages: cases.hello(),
    response_format: zodResponseFormat(cases.Trip, 'trip'),
  });
  assert.deepEqual(completion.choices[0].message.parsed, cases.TRIP);
});

row('structured output stream', async (upstream) => {
  const stream = chat().stream({
    model: at.model(upstream, 'structured-output'),
    messages: cases.hello(),
    response_format: zodResponseFormat(cases.Trip, 'trip'),
  });
  const final = await stream.finalChatCompletion();
  assert.deepEqual(final.choices[0].message.parsed, cases.TRIP);
});

row('image', async (upstream, spoken) => {
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${cases.PNG}` } },
  ];
  const url = 'https://images.invalid/cat.png';
  if (spoken.opens_urls) content.push({ type: 'image_url', image_url: { url, detail: 'low' } });
  const model = at.model(upstream, 'image');
  const completion = await chat().create({ model, messages: [{ role: 'user', content }] });
  const expected = cases.PNG_SEEN + (spoken.opens_urls ? `; url ${url}` : '');
  assert.equal(completion.choices[0].message.content, expected);
});

row('usage with caching', async (upstream) => {
  const expected = { prompt: 2400, completion: 4, total: 2404, cached: 2000, reasoning: 0 };
  const asked = { model: at.model(upstream, 'cached'), messages: cases.hello() };
  const whole = await chat().create(asked);
  assert.deepEqual(cases.seenOpenaiUsage(whole.usage), expected);
  const options = { stream: true, stream_options: { include_usage: true } };
  const chunks = await cases.all(await chat().create({ ...asked, ...options }));
  assert.deepEqual(cases.seenOpenaiUsage(chunks.at(-1).usage), expected);
});

row('length', async (upstream) => {
  const asked = { model: at.model(upstream, 'length'), messages: cases.hello() };
  assert.equal((await chat().create(asked)).choices[0].finish_reason, 'length');
  const chunks = await cases.all(await chat().create({ ...asked, stream: true }));
  assert.equal(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean).join(), 'length');
});

row('refusal', async (upstream, spoken) => {
  const completion = await chat().create({ model: at.model(upstream, 'refusal'), messages: cases.hello() });
  const { message, finish_reason } = completion.choices[0];
  const said = 'I cannot help with that.';
  if (spoken.refusal === 'nothing') {
    assert.deepEqual([finish_reason, message.content], ['stop', said]);
  } else if (spoken.refusal === 'words') {
    assert.deepEqual([finish_reason, message.refusal, message.content], ['stop', said, null]);
  } else {
    assert.deepEqual([finish_reason, message.content], ['content_filter', said]);
  }
});

test('embeddings', async () => {
  const client = new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0 });
  const model = direct ? 'embedder' : 'fakeopenai/embedder';
  const input = ['one two', 'three'];
  // The package asks for base64 by itself, and unpacks it.
  const packed = await client.embeddings.create({ model, input, dimensions: 6 });
  const floats = await client.embeddings.create({ model, input, dimensions: 6, encoding_format: 'float' });
  assert.deepEqual(
    packed.data.map((entry) => Array.from(entry.embedding)),
    floats.data.map((entry) => entry.embedding),
  );
  assert.deepEqual(packed.data.map((entry) => entry.embedding.length), [6, 6]);
  assert.equal(packed.usage.total_tokens, 3);
});

test('models', async () => {
  const client = new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0 });
  const ids = (await cases.all(client.models.list())).map((model) => model.id);
  assert.ok(ids.includes(at.model('openai_chat', 'text')));
});
