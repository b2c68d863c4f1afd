// The openai package: errors, broken streams, and the order of events (shown by releases, not by a clock).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import * as cases from './cases.mjs';
import { cells, direct, gatewayCells, world } from './gateway.mjs';

const at = world();
const client = (more) => new OpenAI({ baseURL: `${at.url}/v1`, apiKey: at.key, maxRetries: 0, ...more });
const row = (name, body) => cells('openai_chat', name, body);

// Scenario, the vendor's own status, the status through the gateway: a client's own mistakes pass through; the
// provider's failures and the operator's credentials are the gateway's business.
const errors = [
  ['error-400', 400, 400, OpenAI.BadRequestError],
  ['error-401', 401, 502, OpenAI.InternalServerError],
  ['error-403', 403, 502, OpenAI.InternalServerError],
  ['error-404', 404, 404, OpenAI.NotFoundError],
  ['error-413', 413, 413, OpenAI.APIError],
  ['error-429', 429, 429, OpenAI.RateLimitError],
  ['error-500', 500, 502, OpenAI.InternalServerError],
  ['error-503', 503, 503, OpenAI.InternalServerError],
];

for (const [scenario, status, through, kind] of errors) {
  for (const stream of [false, true]) {
    row(`${scenario} ${stream ? 'stream' : 'whole'}`, async (upstream, spoken) => {
      const asked = { model: at.model(upstream, scenario), messages: cases.hello(), stream };
      const error = await cases.rejection(client().chat.completions.create(asked));
      assert.ok(error instanceof (direct ? OpenAI.APIError : kind), error);
      assert.equal(error.status, direct ? status : status === 413 ? spoken.too_large : through);
      assert.ok(error.requestID);
      assert.equal(error.requestID, error.headers.get('x-request-id'));
      assert.ok(error.error.message && error.type);
      if (scenario === 'error-400') assert.ok(error.message.includes(cases.ERROR_400), error.message);
      if (scenario === 'error-429') assert.equal(error.headers.get('retry-after'), '7');
    });
  }
}

for (const scenario of ['html-502', 'half-json', 'empty', 'error-in-200', 'truncated', 'cut']) {
  for (const stream of [false, true]) {
    gatewayCells(`${scenario} before commit ${stream ? 'stream' : 'whole'}`, async (upstream) => {
      const asked = { model: at.model(upstream, scenario), messages: cases.hello('[[after=0]]'), stream };
      const error = await cases.rejection(client().chat.completions.create(asked));
      assert.ok(error instanceof OpenAI.InternalServerError, error);
      assert.ok(error.requestID && error.error.message);
    });
  }
}

for (const scenario of ['cut', 'error-mid-stream', 'malformed-chunk', 'truncated']) {
  // By itself the package does not notice that a stream was cut short in an orderly way.
  if (direct && scenario === 'truncated') continue;
  row(`${scenario} in mid-stream`, async (upstream) => {
    const asked = { model: at.model(upstream, scenario), messages: cases.hello(), stream: true };
    let text = '';
    const error = await cases.rejection(
      (async () => {
        for await (const chunk of await client().chat.completions.create(asked)) {
          text += chunk.choices[0].delta.content ?? '';
          assert.equal(chunk.choices[0].finish_reason ?? null, null);
        }
      })(),
    );
    assert.equal(text, ' the river');
    if (!direct) {
      assert.ok(error instanceof OpenAI.APIError, error);
      assert.ok(!(error instanceof OpenAI.APIConnectionError), 'an error frame, not a broken connection');
      assert.ok(error.type && error.message);
    }
  });
}

row('chunks one by one', async (upstream) => {
  const messages = cases.hello('[[id=one gate=one]]');
  const asked = { model: at.model(upstream, 'gate'), messages, stream: true };
  let seen = 0;
  for await (const chunk of await client().chat.completions.create(asked)) {
    const text = chunk.choices[0]?.delta.content;
    if (!text) continue;
    assert.equal(text, cases.COUNTED[seen]);
    seen += 1;
    assert.equal((await at.fake.onlyRequest()).chunks_sent, seen, 'the next chunk has not been sent yet');
    if (seen < 3) await at.fake.release('one');
  }
  assert.equal(seen, 3);
});

row('hang-up', async (upstream, spoken) => {
  const messages = cases.hello('[[id=two gate=two tokens=9]]');
  const asked = { model: at.model(upstream, 'gate'), messages, stream: true };
  const { data, response } = await client().chat.completions.create(asked).withResponse();
  for await (const chunk of data) {
    if (chunk.choices[0]?.delta.content) break;
  }
  const left = await at.fake.wait({ id: 'two', ended: true });
  assert.deepEqual([left.end, left.chunks_sent], ['hung_up', 1]);
  if (at.gateway) {
    const record = await at.gateway.record(response.headers.get('x-request-id'));
    assert.ok(record.estimate !== spoken.tells_so_far && record.usage.output > 0 && Number(record.cost_usd) > 0, JSON.stringify(record));
  }
});

test('wrong key', { skip: direct && 'is about the gateway itself' }, async () => {
  const asked = { model: at.model('openai_chat', 'text'), messages: cases.hello() };
  const error = await cases.rejection(client({ apiKey: 'wrong' }).chat.completions.create(asked));
  assert.ok(error instanceof OpenAI.AuthenticationError && error.requestID, error);
});

test('unknown model', { skip: direct && 'is about the gateway itself' }, async () => {
  const asked = { model: 'fakeopenai/fake-txt', messages: cases.hello() };
  const error = await cases.rejection(client().chat.completions.create(asked));
  assert.ok(error instanceof OpenAI.NotFoundError && error.param === 'model', error);
  assert.match(error.message, /fakeopenai\/fake-text/);
});
