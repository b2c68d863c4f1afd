// The AI SDK (`ai` with `@ai-sdk/gateway`): texts and objects whole and streamed, tools over several steps, images,
// reasoning, errors, hang-ups. Model names are plain strings, which the SDK gives to its default provider: the one line
// below is all that points it here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGateway, GatewayError } from '@ai-sdk/gateway';
import * as gatewayErrors from '@ai-sdk/gateway';
import { generateText, stepCountIs, jsonSchema, Output, streamText, tool } from 'ai';
import * as cases from './cases.mjs';
import { direct, gatewayCells, world } from './gateway.mjs';

globalThis.AI_SDK_LOG_WARNINGS = false;

const at = world();
const provider = (more) => createGateway({ baseURL: `${at.url}/v4/ai`, apiKey: at.key, ...more });
const row = (name, body) =>
  gatewayCells(name, async (upstream, spoken, context) => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = provider();
    await body(upstream, spoken, context);
  });

/** The SDK's usage out of the fake's report. */
function usageOf({ input, cache_read, cache_write, output }) {
  return { input: input + cache_read + cache_write, fresh: input, cache_read, cache_write, output };
}

function seenUsage({ inputTokens, inputTokenDetails: details, outputTokens }) {
  return {
    input: inputTokens,
    fresh: details.noCacheTokens,
    cache_read: details.cacheReadTokens,
    cache_write: details.cacheWriteTokens,
    output: outputTokens,
  };
}

/** A tool that answers what the cases say. */
const answering = (name, schema) =>
  tool({ description: `Answers ${name}.`, inputSchema: jsonSchema(schema), execute: async () => cases.ANSWERS[name] });
const weather = () => ({ get_weather: answering('get_weather', cases.WEATHER) });
const both = () => ({ ...weather(), get_time: answering('get_time', cases.CLOCK) });

/** Asks, whole or streamed, and gives what both have in common. */
async function ask(streamed, options) {
  const asked = { maxRetries: 0, ...options };
  if (!streamed) return generateText(asked);
  let failed;
  const result = streamText({ ...asked, onError: ({ error }) => (failed = error) });
  await result.consumeStream();
  if (failed) throw failed;
  const [text, reasoningText, finishReason, usage, steps, providerMetadata, warnings, response] = await Promise.all([
    result.text,
    result.reasoningText,
    result.finishReason,
    result.usage,
    result.steps,
    result.providerMetadata,
    result.warnings,
    result.response,
  ]);
  return { text, reasoningText, finishReason, usage, steps, providerMetadata, warnings, response };
}

for (const streamed of [false, true]) {
  const how = streamed ? 'stream' : 'whole';

  row(`text ${how}`, async (upstream, spoken) => {
    const model = at.model(upstream, 'text');
    const result = await ask(streamed, {
      model,
      instructions: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hello, you.' },
        { role: 'user', content: 'Once more: grüße' },
      ],
      maxOutputTokens: 500,
      temperature: 0.5,
      stopSequences: ['END'],
    });
    assert.equal(result.text, cases.TEXT);
    assert.equal(result.finishReason, 'stop');
    const received = await at.fake.onlyRequest();
    assert.deepEqual(seenUsage(result.usage), usageOf(spoken.writes(received.usage)));
    const body = await at.fake.body();
    cases.checkRequest(spoken, body, 0.5);
    const { gateway } = result.providerMetadata;
    assert.equal(gateway.routing.originalModelId, model);
    const record = await at.gateway.record(gateway.generationId);
    assert.equal(gateway.cost, record.cost_usd);
    assert.equal(gateway.routing.finalProvider, record.provider);
  });

  row(`tools over several steps ${how}`, async (upstream, spoken) => {
    const model = at.model(upstream, 'tools');
    const result = await ask(streamed, { model, prompt: 'Weather?', tools: weather(), stopWhen: stepCountIs(4) });
    assert.deepEqual(
      result.steps.map((step) => step.finishReason),
      ['tool-calls', 'stop'],
    );
    const [call] = result.steps[0].toolCalls;
    assert.equal(call.toolName, 'get_weather');
    assert.deepEqual(call.input, cases.WEATHER_ARGUMENTS);
    assert.equal(result.steps[0].text, spoken.plans ? '' : 'Let me look.');
    assert.equal(result.text, `Results: ${call.toolCallId}=${cases.ANSWERS.get_weather}`);
    const requests = await at.fake.requests();
    const [[name]] = spoken.tools(JSON.parse(requests[0].body));
    assert.equal(name, 'get_weather');
  });

  row(`parallel tools ${how}`, async (upstream) => {
    const model = at.model(upstream, 'parallel-tools');
    const result = await ask(streamed, { model, prompt: 'Both?', tools: both(), stopWhen: stepCountIs(4) });
    const calls = result.steps[0].toolCalls;
    assert.deepEqual(
      calls.map((call) => [call.toolName, call.input]),
      [['get_weather', cases.WEATHER_ARGUMENTS], ['get_time', cases.CLOCK_ARGUMENTS]],
    );
    const answers = calls.map((call) => `${call.toolCallId}=${cases.ANSWERS[call.toolName]}`);
    assert.equal(result.text, `Results: ${answers.join('; ')}`);
  });

  row(`structured output ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'structured-output'), prompt: 'Plan a trip.' };
    const output = Output.object({ schema: cases.Trip });
    if (streamed) {
      const result = streamText({ ...asked, output, maxRetries: 0 });
      const partial = await cases.all(result.partialOutputStream);
      assert.deepEqual(partial.at(-1), cases.TRIP);
      assert.deepEqual(await result.output, cases.TRIP);
    } else {
      assert.deepEqual((await generateText({ ...asked, output, maxRetries: 0 })).output, cases.TRIP);
    }
  });

  row(`image ${how}`, async (upstream) => {
    const content = [
      { type: 'text', text: 'What is it?' },
      { type: 'file', mediaType: 'image', data: Buffer.from(cases.PNG, 'base64') },
    ];
    const model = at.model(upstream, 'image');
    const result = await ask(streamed, { model, messages: [{ role: 'user', content }] });
    assert.equal(result.text, cases.PNG_SEEN);
  });

  row(`image by data URL ${how}`, async (upstream) => {
    const url = `data:image/png;base64,${cases.PNG}`;
    const content = [{ type: 'text', text: 'What is it?' }, { type: 'image', image: url }];
    const model = at.model(upstream, 'image');
    const result = await ask(streamed, { model, messages: [{ role: 'user', content }] });
    assert.equal(result.text, cases.PNG_SEEN);
  });

  // The fake refuses a thought whose signature is missing or changed, as Anthropic does.
  row(`reasoning over two steps ${how}`, async (upstream, spoken, context) => {
    if (cases.skipsSilent(spoken, context)) return;
    const result = await ask(streamed, {
      model: at.model(upstream, 'reasoning'),
      prompt: 'Think.',
      reasoning: 'low',
      tools: weather(),
      stopWhen: stepCountIs(4),
    });
    const [first, second] = result.steps;
    assert.equal(first.reasoningText, cases.THOUGHT);
    assert.equal(second.reasoningText, cases.SECOND_THOUGHT);
    const verified = spoken.verified();
    const [call] = first.toolCalls;
    assert.equal(result.text, `Results: ${call.toolCallId}=${cases.ANSWERS.get_weather}${verified}`);
    const requests = await at.fake.requests();
    const told = spoken.writes(requests[0].usage).reasoning;
    assert.equal(first.usage.outputTokenDetails.reasoningTokens ?? 0, told);
  });

  row(`usage with caching ${how}`, async (upstream, spoken) => {
    const result = await ask(streamed, { model: at.model(upstream, 'cached'), prompt: 'Hello' });
    const { usage } = await at.fake.onlyRequest();
    assert.ok(usage.cache_read > 0);
    assert.deepEqual(seenUsage(result.usage), usageOf(spoken.writes(usage)));
  });

  row(`length ${how}`, async (upstream) => {
    const asked = { model: at.model(upstream, 'length'), prompt: 'Hello', maxOutputTokens: 3 };
    assert.equal((await ask(streamed, asked)).finishReason, 'length');
  });

  row(`warnings ${how}`, async (upstream, spoken) => {
    const asked = { model: at.model(upstream, 'text'), prompt: 'Hello', seed: 7, topK: 40 };
    const { warnings } = await ask(streamed, asked);
    assert.deepEqual(
      warnings.map(({ type, feature }) => [type, feature]).sort(),
      spoken.lacks.map((feature) => ['unsupported', feature]),
    );
  });

  row(`fallback model ${how}`, async (upstream) => {
    const gateway = { models: [at.model(upstream, 'text')] };
    const asked = { model: at.model(upstream, 'error-500'), prompt: 'Hello', providerOptions: { gateway } };
    const result = await ask(streamed, asked);
    assert.equal(result.text, cases.TEXT);
    assert.equal(result.providerMetadata.gateway.routing.canonicalSlug, gateway.models[0]);
  });
}

// Scenario, status through the gateway, and the class that the SDK raises.
const errors = [
  ['error-400', 400, 'GatewayInvalidRequestError'],
  ['error-401', 502, 'GatewayInternalServerError'],
  ['error-403', 502, 'GatewayInternalServerError'],
  ['error-413', 413, 'GatewayInvalidRequestError'],
  ['error-429', 429, 'GatewayRateLimitError'],
  ['error-500', 502, 'GatewayInternalServerError'],
  ['error-503', 503, 'GatewayInternalServerError'],
];

function assertGatewayError(error, kind, status) {
  assert.ok(GatewayError.isInstance(error), error);
  assert.ok(gatewayErrors[kind].isInstance(error), `${error.name} instead of ${kind}: ${error.message}`);
  assert.equal(error.statusCode, status);
  assert.match(error.generationId, /^gen_/);
}

for (const [scenario, status, kind] of errors) {
  for (const streamed of [false, true]) {
    row(`${scenario} ${streamed ? 'stream' : 'whole'}`, async (upstream, spoken) => {
      const model = provider()(at.model(upstream, scenario));
      const error = await cases.rejection(ask(streamed, { model, prompt: 'Hello' }));
      assertGatewayError(error, kind, status === 413 ? spoken.too_large : status);
    });
  }
}

for (const scenario of ['cut', 'error-mid-stream', 'truncated']) {
  row(`${scenario} in mid-stream`, async (upstream) => {
    const failures = [];
    const asked = { model: at.model(upstream, scenario), prompt: 'Hello', maxRetries: 0 };
    const result = streamText({ ...asked, onError: ({ error }) => failures.push(error) });
    const text = (await cases.all(result.textStream)).join('');
    assert.equal(text, ' the river');
    assert.equal(failures.length, 1);
    assert.ok(failures[0].message && failures[0].statusCode >= 500, failures[0]);
    assert.equal(await result.finishReason, 'error');
  });
}

row('chunks one by one', async (upstream) => {
  const asked = { model: at.model(upstream, 'gate'), prompt: '[[id=one gate=one]]', maxRetries: 0 };
  let seen = 0;
  for await (const text of streamText(asked).textStream) {
    assert.equal(text, cases.COUNTED[seen]);
    seen += 1;
    assert.equal((await at.fake.onlyRequest()).chunks_sent, seen, 'the next chunk has not been sent yet');
    if (seen < 3) await at.fake.release('one');
  }
  assert.equal(seen, 3);
});

row('abort', async (upstream, spoken) => {
  const controller = new AbortController();
  const asked = { model: at.model(upstream, 'gate'), prompt: '[[id=two gate=two tokens=9]]', maxRetries: 0 };
  const headers = { 'x-request-id': `abort-${upstream}` };
  const result = streamText({ ...asked, headers, abortSignal: controller.signal });
  for await (const part of result.stream) {
    if (part.type === 'text-delta') break;
  }
  controller.abort();
  const left = await at.fake.wait({ id: 'two', ended: true });
  assert.deepEqual([left.end, left.chunks_sent], ['hung_up', 1]);
  const record = await at.gateway.recordOf(headers['x-request-id']);
  assert.ok(record.estimate !== spoken.tells_so_far && record.usage.output > 0 && Number(record.cost_usd) > 0, JSON.stringify(record));
});

const about = { skip: direct && 'is about the gateway itself' };

test('wrong key', about, async () => {
  const model = provider({ apiKey: 'wrong' })(at.model('openai_chat', 'text'));
  const error = await cases.rejection(model.doGenerate({ prompt: [] }));
  assertGatewayError(error, 'GatewayAuthenticationError', 401);
});

test('unknown model', about, async () => {
  const model = provider()('fakeopenai/fake-txt');
  const error = await cases.rejection(generateText({ model, prompt: 'Hello', maxRetries: 0 }));
  assertGatewayError(error, 'GatewayModelNotFoundError', 404);
  assert.equal(error.modelId, 'fakeopenai/fake-txt');
  assert.match(error.message, /fakeopenai\/fake-text/);
});

test('another version of the protocol', about, async () => {
  const older = (url, init) => {
    const headers = { ...init.headers, 'ai-language-model-specification-version': '3' };
    return fetch(url, { ...init, headers });
  };
  const model = provider({ fetch: older })(at.model('openai_chat', 'text'));
  const error = await cases.rejection(generateText({ model, prompt: 'Hello', maxRetries: 0 }));
  assertGatewayError(error, 'GatewayInvalidRequestError', 400);
  assert.match(error.message, /version 4/);
});

test('getAvailableModels', about, async () => {
  const { models } = await provider().getAvailableModels();
  const model = models.find(({ id }) => id === 'fakeopenai/fake-text');
  assert.deepEqual(model.pricing, { input: '0.000001', output: '0.000002' });
  assert.equal(model.modelType, 'language');
  assert.equal(model.specification.modelId, model.id);
  const echo = models.find(({ id }) => id === 'simulator/echo');
  assert.ok(echo.name && echo.description !== '');
  assert.ok(!models.some(({ id }) => id === 'fakeopenai/embedder'), 'there is no door for it here');
});

test('the simulator', about, async () => {
  globalThis.AI_SDK_DEFAULT_PROVIDER = provider();
  const whole = await ask(false, { model: 'simulator/echo', prompt: 'Say this.' });
  const streamed = await ask(true, { model: 'simulator/echo', prompt: 'Say this.' });
  assert.match(whole.text, /Say this\./);
  assert.equal(streamed.text, whole.text);
  assert.deepEqual(seenUsage(streamed.usage), seenUsage(whole.usage));
});
