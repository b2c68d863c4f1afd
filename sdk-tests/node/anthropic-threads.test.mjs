// The anthropic package's tool runner, which keeps the conversation in a thread at the provider and sends only what is new.
// Providers that hold no threads must hear all of it in every turn.

import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import * as cases from './cases.mjs';
import { cells, direct, world } from './gateway.mjs';

const at = world();
const question = 'Weather in Zürich, please.';
const weather = {
  type: 'custom',
  name: 'get_weather',
  description: 'The weather.',
  input_schema: cases.WEATHER,
  parse: (input) => input,
  run: () => 'sunny',
};

for (const stream of [false, true]) {
  cells('anthropic', `a runner with two turns of tools ${stream ? 'stream' : 'whole'}`, async (upstream) => {
    const model = at.model(upstream, 'tools');
    const again = { scenario: 'tools', again: true };
    await at.fake.script(model.split('/').at(-1), [{ scenario: 'tools' }, again, { scenario: 'tools' }]);
    const client = new Anthropic({ baseURL: at.url, apiKey: at.key, maxRetries: 0 });
    const runner = client.beta.messages.toolRunner({
      model,
      stream,
      max_tokens: 500,
      system: 'Be brief.',
      messages: [{ role: 'user', content: question }],
      tools: [weather],
    });
    const messages = [];
    for await (const turn of runner) messages.push(stream ? await turn.finalMessage() : turn);
    assert.deepEqual(messages.map((message) => message.stop_reason), ['tool_use', 'tool_use', 'end_turn']);
    const call = messages[1].content.find((block) => block.type === 'tool_use');
    assert.equal(messages[2].content.at(-1).text, `Results: ${call.id}=sunny`);
    const answered = (await at.fake.requests()).filter((seen) => seen.status === 200);
    assert.equal(answered.length, 3);
    for (const { body } of direct ? answered.slice(0, 1) : answered) {
      for (const said of [question, 'Be brief.', 'get_weather']) assert.ok(body.includes(said), `${said}: ${body}`);
      assert.equal(direct, 'thread' in JSON.parse(body));
    }
  });
}
