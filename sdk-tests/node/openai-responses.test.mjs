// The openai package's Responses API over providers of every dialect: text, tools, schemas, pictures, reasoning, errors, and
// what is kept: gone on from, read again, listed, deleted.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import * as cases from './cases.mjs';
import { gatewayCells as row, world } from './gateway.mjs';

const at = world();
const responses = () => new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0 }).responses;
const tool = (name, parameters) => ({ type: 'function', name, parameters, strict: false });
const weather = tool('get_weather', cases.WEATHER);
const clock = tool('get_time', cases.CLOCK);

/** The answer, whole or put together by the package's own accumulator. */
async function final(streamed, asked) {
  return streamed ? responses().stream(asked).finalResponse() : responses().create(asked);
}

const callsOf = (answer) => answer.output.filter((item) => item.type === 'function_call');
const results = (answer) =>
  callsOf(answer).map(({ call_id, name }) => ({ type: 'function_call_output', call_id, output: cases.ANSWERS[name] }));
const expected = (answer) =>
  `Results: ${callsOf(answer).map((call) => `${call.call_id}=${cases.ANSWERS[call.name]}`).join('; ')}`;

row('responses plain', async (upstream, spoken) => {
  const { data, response } = await responses()
    .create({
      model: at.model(upstream, 'text'),
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hello, you.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Once more: grüße' }] },
      ],
      max_output_tokens: 500,
      store: false,
    })
    .withResponse();
  assert.deepEqual([data.output_text, data.status, data.store], [cases.TEXT, 'completed', false]);
  assert.deepEqual([data.instructions, data.max_output_tokens], ['Be brief.', 500]);
  const { input_tokens, output_tokens, total_tokens, cost } = data.usage;
  assert.deepEqual([input_tokens, output_tokens, total_tokens, cost], [21, 7, 28, 0.000035]);
  const body = await at.fake.body();
  assert.equal(spoken.system(body), 'Be brief.');
  assert.ok(JSON.stringify(body).includes('Once more: grüße'));
  const record = await at.gateway.record(response.headers.get('x-request-id'));
  assert.equal(Number(record.cost_usd), 0.000035);
});

row('responses stream', async (upstream) => {
  const asked = { model: at.model(upstream, 'text'), input: 'Hello', stream: true };
  const events = await cases.all(await responses().create(asked));
  assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, number) => number));
  const [created, inProgress] = events;
  assert.deepEqual([created.type, inProgress.type], ['response.created', 'response.in_progress']);
  const texts = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta);
  assert.deepEqual(texts, cases.TEXT_CHUNKS);
  const last = events.at(-1);
  assert.deepEqual([last.type, last.response.status], ['response.completed', 'completed']);
  // Whatever the provider was asked to keep.
  assert.deepEqual([created, inProgress, last].map((event) => event.response.store), [true, true, true]);
});

for (const streamed of [false, true]) {
  const how = streamed ? 'stream' : 'whole';

  row(`responses tools ${how}`, async (upstream, spoken) => {
    const asked = { model: at.model(upstream, 'tools'), tools: [weather] };
    const first = await final(streamed, { ...asked, input: 'Hello' });
    const [call] = callsOf(first);
    assert.equal(first.output_text, spoken.plans ? '' : 'Let me look.');
    assert.deepEqual([call.name, JSON.parse(call.arguments)], ['get_weather', cases.WEATHER_ARGUMENTS]);
    assert.deepEqual(spoken.tools(await at.fake.body()), [['get_weather', cases.WEATHER]]);
    const turn = [...cases.hello(), ...first.output, ...results(first)];
    assert.equal((await final(streamed, { ...asked, input: turn, store: false })).output_text, expected(first));
  });

  row(`responses parallel tools ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'parallel-tools'), tools: [weather, clock] };
    const first = await final(streamed, { ...asked, input: 'Hello' });
    const seen = callsOf(first).map((call) => [call.name, JSON.parse(call.arguments)]);
    assert.deepEqual(seen, [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]]);
    const turn = [...cases.hello(), ...first.output, ...results(first)];
    assert.equal((await final(streamed, { ...asked, input: turn })).output_text, expected(first));
  });

  row(`responses structured output ${how}`, async (upstream) => {
    const asked = {
      model: at.model(upstream, 'structured-output'),
      input: 'A trip?',
      text: { format: zodTextFormat(cases.Trip, 'trip') },
    };
    const answer = streamed ? await responses().stream(asked).finalResponse() : await responses().parse(asked);
    assert.deepEqual(answer.output_parsed, cases.TRIP);
  });

  row(`responses reasoning second turn ${how}`, async (upstream, spoken) => {
    const asked = {
      model: at.model(upstream, 'reasoning'),
      tools: [weather],
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      store: false,
    };
    const first = await final(streamed, { ...asked, input: 'Hello' });
    assert.equal(first.output[0].summary[0].text, cases.THOUGHT);
    const turn = [...cases.hello(), ...first.output, ...results(first)];
    const second = await final(streamed, { ...asked, input: turn });
    assert.equal(second.output_text, expected(first) + spoken.verified());
  });

  row(`responses kept ${how}`, async (upstream) => {
    const model = at.model(upstream, 'tools');
    const first = await final(streamed, { model, input: 'Hello', tools: [weather] });
    assert.equal(first.store, true);
    const asked = { model, tools: [weather], previous_response_id: first.id };
    const second = await final(streamed, { ...asked, input: results(first) });
    assert.deepEqual([second.output_text, second.previous_response_id], [expected(first), first.id]);
    const text = at.model(upstream, 'text');
    const third = await final(streamed, { model: text, input: 'Thanks', previous_response_id: second.id });
    const heard = (await at.fake.requests()).at(-1).body;
    for (const said of ['Hello', 'Let me look.', 'sunny', 'Thanks']) assert.ok(heard.includes(said), said);

    const again = await responses().retrieve(third.id);
    assert.deepEqual(
      [again.id, again.output_text, again.previous_response_id, again.usage],
      [third.id, third.output_text, second.id, third.usage],
    );
    const items = await cases.all(responses().inputItems.list(second.id));
    assert.deepEqual(items.map((item) => [item.type, item.output]), [['function_call_output', cases.ANSWERS.get_weather]]);

    await responses().delete(first.id);
    assert.ok((await cases.rejection(responses().retrieve(first.id))) instanceof OpenAI.NotFoundError);
    assert.ok((await cases.rejection(responses().delete(first.id))) instanceof OpenAI.NotFoundError);
    const on = { model, input: 'Hello', previous_response_id: second.id, stream: streamed };
    const error = await cases.rejection(responses().create(on));
    assert.ok(error instanceof OpenAI.BadRequestError, error);
    assert.deepEqual([error.code, error.param], ['previous_response_not_found', 'previous_response_id']);
    assert.equal((await responses().retrieve(second.id)).output_text, expected(first));
  });

  row(`responses not kept ${how}`, async (upstream) => {
    const answer = await final(streamed, { model: at.model(upstream, 'text'), input: 'Hello', store: false });
    assert.equal(answer.store, false);
    assert.ok((await cases.rejection(responses().retrieve(answer.id))) instanceof OpenAI.NotFoundError);
  });

  row(`responses error ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'error-400'), input: 'Hello', stream: streamed };
    const error = await cases.rejection(responses().create(asked));
    assert.ok(error instanceof OpenAI.BadRequestError && error.requestID, error);
    assert.ok(error.message.includes(cases.ERROR_400), error.message);
  });
}

row('responses image', async (upstream) => {
  const content = [
    { type: 'input_text', text: 'What is this?' },
    { type: 'input_image', image_url: `data:image/png;base64,${cases.PNG}`, detail: 'auto' },
  ];
  const answer = await responses().create({ model: at.model(upstream, 'image'), input: [{ role: 'user', content }] });
  assert.equal(answer.output_text, cases.PNG_SEEN);
});

for (const scenario of ['cut', 'error-mid-stream', 'malformed-chunk', 'truncated']) {
  row(`responses ${scenario} in mid-stream`, async (upstream) => {
    let text = '';
    const asked = { model: at.model(upstream, scenario), input: 'Hello', stream: true };
    const error = await cases.rejection(
      (async () => {
        for await (const event of await responses().create(asked)) {
          if (event.type === 'response.output_text.delta') text += event.delta;
          assert.notEqual(event.type, 'response.completed');
        }
      })(),
    );
    assert.ok(error instanceof OpenAI.APIError, error);
    assert.equal(text, ' the river');
  });
}
