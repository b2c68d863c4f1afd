// The anthropic package: errors, broken streams, and the order of events (shown by releases, not by a clock).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import * as cases from './cases.mjs';
import { cells, direct, gatewayCells, world } from './gateway.mjs';

const at = world();
const client = (more) => new Anthropic({ baseURL: at.url, apiKey: at.key, maxRetries: 0, ...more });
const row = (name, body) => cells('anthropic', name, body);
const asking = (model, text, stream = true) => ({ model, max_tokens: 500, messages: cases.hello(text), stream });

// Scenario, the vendor's own status, the status through the gateway and its `type`.
const errors = [
  ['error-400', 400, 400, 'invalid_request_error', Anthropic.BadRequestError],
  ['error-401', 401, 502, 'api_error', Anthropic.InternalServerError],
  ['error-403', 403, 502, 'api_error', Anthropic.InternalServerError],
  ['error-404', 404, 404, 'not_found_error', Anthropic.NotFoundError],
  ['error-413', 413, 413, 'request_too_large', Anthropic.APIError],
  ['error-429', 429, 429, 'rate_limit_error', Anthropic.RateLimitError],
  ['error-500', 500, 502, 'api_error', Anthropic.InternalServerError],
  ['error-503', 529, 529, 'overloaded_error', Anthropic.APIError],
];

for (const [scenario, status, through, type, kind] of errors) {
  for (const stream of [false, true]) {
    row(`${scenario} ${stream ? 'stream' : 'whole'}`, async (upstream, spoken) => {
      const asked = asking(at.model(upstream, scenario), 'Hello', stream);
      const error = await cases.rejection(client().messages.create(asked));
      assert.ok(error instanceof (direct ? Anthropic.APIError : kind), error);
      assert.equal(error.status, direct ? status : status === 413 ? spoken.too_large : through);
      assert.ok(error.apiMessage);
      if (scenario === 'error-400') assert.ok(error.apiMessage.includes(cases.ERROR_400), error.apiMessage);
      if (scenario === 'error-429') assert.equal(error.headers.get('retry-after'), '7');
      if (!direct) {
        const loosely = status === 413 && spoken.too_large === 400;
        assert.equal(error.type, loosely ? 'invalid_request_error' : type);
        assert.equal(error.error.request_id, error.headers.get('x-request-id'));
      }
      assert.ok(error.requestID, 'the package reads it from the header `request-id`');
    });
  }
}

for (const scenario of ['html-502', 'half-json', 'empty', 'error-in-200', 'truncated', 'cut']) {
  for (const stream of [false, true]) {
    gatewayCells(`${scenario} before commit ${stream ? 'stream' : 'whole'}`, async (upstream) => {
      const asked = asking(at.model(upstream, scenario), '[[after=0]]', stream);
      const error = await cases.rejection(client().messages.create(asked));
      assert.ok(error instanceof Anthropic.InternalServerError, error);
      assert.ok(error.apiMessage && error.headers.get('x-request-id'));
    });
  }
}

for (const scenario of ['cut', 'error-mid-stream', 'malformed-chunk', 'truncated']) {
  // By itself the package does not notice that a stream was cut short in an orderly way.
  if (direct && scenario === 'truncated') continue;
  row(`${scenario} in mid-stream`, async (upstream) => {
    let text = '';
    const kinds = [];
    const error = await cases.rejection(
      (async () => {
        for await (const event of await client().messages.create(asking(at.model(upstream, scenario)))) {
          kinds.push(event.type);
          if (event.type === 'content_block_delta') text += event.delta.text;
        }
      })(),
    );
    assert.equal(text, ' the river');
    assert.ok(!kinds.includes('message_delta') && !kinds.includes('message_stop'));
    if (!direct) assert.ok(error instanceof Anthropic.APIError && error.type && error.apiMessage, error);
  });
}

row('cut in mid-stream, helper', async (upstream) => {
  const { stream: _, ...asked } = asking(at.model(upstream, 'cut'));
  const error = await cases.rejection(client().messages.stream(asked).finalMessage());
  assert.ok(error instanceof Anthropic.AnthropicError, error);
});

row('chunks one by one', async (upstream) => {
  let seen = 0;
  const asked = asking(at.model(upstream, 'gate'), '[[id=one gate=one]]');
  for await (const event of await client().messages.create(asked)) {
    if (event.type !== 'content_block_delta') continue;
    assert.equal(event.delta.text, cases.COUNTED[seen]);
    seen += 1;
    assert.equal((await at.fake.onlyRequest()).chunks_sent, seen, 'the next chunk has not been sent yet');
    if (seen < 3) await at.fake.release('one');
  }
  assert.equal(seen, 3);
});

row('hang-up', async (upstream, spoken) => {
  const asked = asking(at.model(upstream, 'gate'), '[[id=two gate=two tokens=9]]');
  const { data, response } = await client().messages.create(asked).withResponse();
  for await (const event of data) {
    if (event.type === 'content_block_delta') break;
  }
  const left = await at.fake.wait({ id: 'two', ended: true });
  assert.deepEqual([left.end, left.chunks_sent], ['hung_up', 1]);
  if (at.gateway) {
    const record = await at.gateway.record(response.headers.get('x-request-id'));
    assert.ok(record.estimate !== spoken.tells_so_far && record.usage.output > 0 && Number(record.cost_usd) > 0, JSON.stringify(record));
  }
});

test('wrong key', { skip: direct && 'is about the gateway itself' }, async () => {
  const asked = asking(at.model('anthropic', 'text'), 'Hello', false);
  const error = await cases.rejection(client({ apiKey: 'wrong' }).messages.create(asked));
  assert.ok(error instanceof Anthropic.AuthenticationError && error.type === 'authentication_error', error);
});

test('unknown model', { skip: direct && 'is about the gateway itself' }, async () => {
  const error = await cases.rejection(client().messages.create(asking('fakeanthropic/fake-txt', 'Hello', false)));
  assert.ok(error instanceof Anthropic.NotFoundError, error);
  assert.match(error.apiMessage, /fakeanthropic\/fake-text/);
});
