// The @google/genai package: text, whole and streamed, tools over two turns, schemas, images, thinking, errors.

import assert from 'node:assert/strict';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import * as cases from './cases.mjs';
import { gatewayCells, world } from './gateway.mjs';

const at = world();
const models = (prefix = '', apiKey = at.key) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: at.url + prefix } }).models;
const row = gatewayCells;
const weather = { name: 'get_weather', description: 'The weather.', parametersJsonSchema: cases.WEATHER };
const clock = { name: 'get_time', description: 'The time.', parametersJsonSchema: cases.CLOCK };
const textOf = (chunks) => chunks.map((chunk) => chunk.text ?? '').join('');

for (const prefix of ['', '/gemini']) {
  row(`gemini plain${prefix && ' prefixed'}`, async (upstream, spoken) => {
    const answer = await models(prefix).generateContent({
      model: at.model(upstream, 'text'),
      contents: [
        { role: 'user', parts: [{ text: 'Hello' }] },
        { role: 'model', parts: [{ text: 'Hello, you.' }] },
        { role: 'user', parts: [{ text: 'Once more: grüße' }] },
      ],
      config: { systemInstruction: 'Be brief.', maxOutputTokens: 500, stopSequences: ['END'] },
    });
    assert.equal(answer.text, cases.TEXT);
    assert.equal(answer.candidates[0].finishReason, 'STOP');
    const { promptTokenCount, candidatesTokenCount, totalTokenCount } = answer.usageMetadata;
    assert.deepEqual([promptTokenCount, candidatesTokenCount, totalTokenCount], [21, 7, 28]);
    const body = await at.fake.body();
    cases.checkRequest(spoken, body);
  });
}

row('gemini stream', async (upstream) => {
  const asked = { model: at.model(upstream, 'text'), contents: 'Hello' };
  const chunks = await cases.all(await models().generateContentStream(asked));
  assert.deepEqual(chunks.map((chunk) => chunk.text).filter(Boolean), cases.TEXT_CHUNKS);
  assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
  assert.equal(chunks.at(-1).usageMetadata.candidatesTokenCount, 7);
});

row('gemini chunks one by one', async (upstream) => {
  const asked = { model: at.model(upstream, 'gate'), contents: '[[gate=one tokens=5]]' };
  const words = [];
  for await (const chunk of await models().generateContentStream(asked)) {
    if (!chunk.text) continue;
    words.push(chunk.text);
    await at.fake.release('one');
  }
  assert.deepEqual(words, cases.COUNTED);
});

for (const streamed of [false, true]) {
  row(`gemini parallel tools over two turns${streamed ? ' streamed' : ''}`, async (upstream) => {
    const config = { tools: [{ functionDeclarations: [weather, clock] }] };
    const model = at.model(upstream, 'parallel-tools');
    const hello = { role: 'user', parts: [{ text: 'Hello' }] };
    const asked = { model, contents: [hello], config };
    const said = streamed
      ? await cases.all(await models().generateContentStream(asked))
      : [await models().generateContent(asked)];
    const calls = said.flatMap((answer) => answer.functionCalls ?? []);
    assert.deepEqual(calls.map((call) => call.args), [cases.WEATHER_ARGUMENTS, cases.CLOCK_ARGUMENTS]);
    const results = calls.map(({ id, name }) => ({
      functionResponse: { id, name, response: { output: cases.ANSWERS[name] } },
    }));
    const turns = said.map((answer) => answer.candidates[0].content);
    const second = await models().generateContent({
      model,
      contents: [hello, ...turns, { role: 'user', parts: results }],
      config,
    });
    assert.equal(second.text, `Results: ${calls.map((call) => `${call.id}=${cases.ANSWERS[call.name]}`).join('; ')}`);
  });
}

row('gemini tool choice', async (upstream, spoken) => {
  const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] };
  await models().generateContent({
    model: at.model(upstream, 'text'),
    contents: 'Hello',
    config: { tools: [{ functionDeclarations: [weather, clock] }], toolConfig: { functionCallingConfig } },
  });
  assert.deepEqual(spoken.choice(await at.fake.body()), ['named', 'get_time']);
});

row('gemini chat', async (upstream) => {
  const client = new GoogleGenAI({ apiKey: at.key, httpOptions: { baseUrl: at.url } });
  const chat = client.chats.create({ model: at.model(upstream, 'text') });
  assert.equal(textOf(await cases.all(await chat.sendMessageStream({ message: 'Hello' }))), cases.TEXT);
  assert.equal((await chat.sendMessage({ message: 'Again' })).text, cases.TEXT);
});

row('gemini structured output', async (upstream) => {
  const answer = await models().generateContent({
    model: at.model(upstream, 'structured-output'),
    contents: 'Hello',
    config: { responseMimeType: 'application/json', responseJsonSchema: cases.Trip.toJSONSchema() },
  });
  assert.deepEqual(cases.Trip.parse(JSON.parse(answer.text)), cases.TRIP);
});

row('gemini image', async (upstream) => {
  const contents = [{ inlineData: { mimeType: 'image/png', data: cases.PNG } }, { text: 'What is this?' }];
  const answer = await models().generateContent({ model: at.model(upstream, 'image'), contents });
  assert.equal(answer.text, cases.PNG_SEEN);
});

row('gemini thinking', async (upstream) => {
  const answer = await models().generateContent({
    model: at.model(upstream, 'reasoning'),
    contents: 'Hello',
    config: { maxOutputTokens: 4000, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
  });
  const thoughts = answer.candidates[0].content.parts.filter((part) => part.thought);
  assert.equal(thoughts.map((part) => part.text).join(''), cases.THOUGHT);
  assert.match(answer.text, /^The answer is 42\./);
});

row('gemini errors', async (upstream) => {
  for (const [scenario, status] of [['error-400', 400], ['error-401', 502], ['error-404', 404], ['error-503', 503]]) {
    for (const verb of ['generateContent', 'generateContentStream']) {
      const asked = { model: at.model(upstream, scenario), contents: 'Hello' };
      const error = await cases.rejection(models()[verb](asked));
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, status);
      if (status === 400) assert.ok(JSON.parse(error.message).error.message.includes(cases.ERROR_400));
    }
  }
});

row('gemini broken stream', async (upstream) => {
  for (const scenario of ['cut', 'error-mid-stream', 'truncated']) {
    const seen = [];
    const asked = { model: at.model(upstream, scenario), contents: 'Hello' };
    const error = await cases.rejection(
      (async () => {
        for await (const chunk of await models().generateContentStream(asked)) seen.push(chunk);
      })(),
    );
    assert.ok(error instanceof ApiError, scenario);
    assert.equal(textOf(seen), ' the river');
  }
});

row('gemini wrong key', async () => {
  const error = await cases.rejection(models('', 'wrong').generateContent({ model: 'x', contents: 'Hello' }));
  assert.equal(error.status, 401);
});
