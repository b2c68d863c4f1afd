// Starts the fake provider and the gateway for a test file, and speaks to the fake's control endpoints. Nothing here
// knows an SDK; the tests use those unmodified.
//
// With SDK_TARGET=fake the clients talk to the fake itself and only same-dialect cells run: that shows that the judge is
// right before it judges the gateway.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { upstreams } from './upstreams.mjs';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const adminToken = 'tgm_for_these_tests';
export const direct = process.env.SDK_TARGET === 'fake';

function program(variable, name) {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const file = process.env[variable] ?? path.join(target, 'debug', name);
  assert.ok(existsSync(file), `${file} is missing: cargo build -p gateway -p testkit, or set ${variable}`);
  return file;
}

class Fake {
  static async start() {
    const fake = new Fake();
    // It ends when its standard input does, so it cannot outlive this process.
    fake.process = spawn(program('FAKE_PROVIDER_BIN', 'fake-provider'), { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(fake.process.stdout), 'line');
    fake.url = line.split(' ')[1];
    return fake;
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.stdin.end();
    await ended;
  }

  reset() {
    return this.#control('reset', {});
  }

  script(model, behaviours) {
    return this.#control('script', { model, behaviours });
  }

  release(gate, count = 1) {
    return this.#control('release', { gate, count });
  }

  /** The newest request that fits, as soon as there is one. */
  wait(wanted) {
    return this.#control('wait', wanted);
  }

  async requests() {
    return (await fetch(`${this.url}/_fake/requests`)).json();
  }

  async onlyRequest() {
    const requests = await this.requests();
    assert.equal(requests.length, 1, 'requests that reached the provider');
    return requests[0];
  }

  /** The JSON that the only request carried. */
  async body() {
    return JSON.parse((await this.onlyRequest()).body);
  }

  async scenarios() {
    return Object.keys(await (await fetch(`${this.url}/_fake/scenarios`)).json());
  }

  async #control(name, body) {
    const answer = await fetch(`${this.url}/_fake/${name}`, { method: 'POST', body: JSON.stringify(body) });
    const value = await answer.json();
    assert.ok(answer.ok, `${name} ${JSON.stringify(body)}: ${JSON.stringify(value)}`);
    return value;
  }
}

class Gateway {
  static async start(fake) {
    const gateway = new Gateway();
    gateway.program = program('TOLLGATE_BIN', 'tollgate');
    gateway.home = await mkdtemp(path.join(tmpdir(), 'tollgate-sdk-'));
    await writeFile(path.join(gateway.home, 'tollgate.toml'), await config(fake));
    const log = openSync(path.join(gateway.home, 'serve.log'), 'w');
    const serve = ['serve', '--config', 'tollgate.toml', '--data', 'data', '--listen', '127.0.0.1:0'];
    const env = { ...process.env, TOLLGATE_ADMIN_TOKEN: adminToken };
    gateway.process = spawn(gateway.program, serve, { cwd: gateway.home, env, stdio: ['ignore', log, log] });
    gateway.url = await gateway.#ready();
    const made = await gateway.command('keys', 'create', '--project', 'sdk', '--name', 'suite', '--json');
    gateway.key = JSON.parse(made).key;
    return gateway;
  }

  async stop() {
    const ended = once(this.process, 'exit');
    if (this.process.exitCode === null && this.process.kill('SIGKILL')) await ended;
    await rm(this.home, { recursive: true, force: true });
  }

  async command(...args) {
    const options = { cwd: this.home, timeout: 30_000, maxBuffer: 64 * 1024 * 1024 };
    return (await run(this.program, [...args, '--data', 'data'], options)).stdout;
  }

  /** The record of one exchange; records are written shortly after the answer's end. */
  async record(id) {
    const headers = { authorization: `Bearer ${adminToken}` };
    for (let tries = 0; ; tries += 1) {
      const answer = await fetch(`${this.url}/admin/v1/requests/${id}`, { headers });
      if (answer.ok) return answer.json();
      assert.ok(answer.status === 404 && tries < 500, `no record of ${id}: ${answer.status}`);
      await sleep(20);
    }
  }

  /** The record of the one exchange that a client gave an id of its own. */
  recordOf(clientId) {
    return this.#recordWhere((record) => record.client_request_id === clientId, clientId);
  }

  async #recordWhere(fits, what) {
    for (let tries = 0; ; tries += 1) {
      const lines = (await this.command('logs', '--json')).split('\n').filter(Boolean);
      const found = lines.map((line) => JSON.parse(line)).filter(fits);
      if (found.length > 0 || tries === 100) {
        assert.equal(found.length, 1, `records of ${what}`);
        return found[0];
      }
      await sleep(50);
    }
  }

  async #ready() {
    const file = path.join(this.home, 'data', 'server.json');
    for (let tries = 0; tries < 1000 && this.process.exitCode === null; tries += 1) {
      try {
        const { url } = JSON.parse(readFileSync(file, 'utf8'));
        if ((await fetch(`${url}/readyz`)).ok) return url;
      } catch {
        // Not there yet.
      }
      await sleep(20);
    }
    throw new Error(`the gateway did not become ready:\n${readFileSync(path.join(this.home, 'serve.log'), 'utf8')}`);
  }
}

/** All dialects of the fake as providers: a model for every scenario, priced 1 and 2 USD per million tokens. */
async function config(fake) {
  let text = '';
  const scenarios = await fake.scenarios();
  for (const [dialect, { provider, path: base, family }] of Object.entries(upstreams)) {
    text += `[providers.${provider}]\nbase_url = "${fake.url}${base}"\napi_key = "fake-upstream-key"\n`;
    text += `speaks = ["${dialect}"]\n`;
    for (const scenario of scenarios) {
      text += `[[providers.${provider}.models]]\nid = "${family}fake-${scenario}"\ninput = "1"\noutput = "2"\n`;
    }
  }
  return `${text}[[providers.fakeopenai.models]]\nid = "embedder"\noperations = ["embed"]\ninput = "1"\noutput = "0"\n`;
}

/**
 * What the tests of this file talk to: the gateway, or in a dry run the fake itself. Before each test the fake forgets;
 * after it, no request may have carried what the vendor does not know, nor the client's own key.
 */
export function world() {
  const world = {
    /** The model's name that reaches a scenario over an upstream dialect. */
    model(upstream, scenario) {
      const { provider, family } = upstreams[upstream];
      return direct ? `fake-${scenario}` : `${provider}/${family}fake-${scenario}`;
    },
  };
  before(async () => {
    world.fake = await Fake.start();
    world.gateway = direct ? undefined : await Gateway.start(world.fake);
    world.url = (world.gateway ?? world.fake).url;
    world.key = world.gateway?.key ?? 'any-key';
  });
  after(async () => {
    await world.gateway?.stop();
    await world.fake?.stop();
  });
  beforeEach(() => world.fake.reset());
  afterEach(async () => {
    for (const received of await world.fake.requests()) {
      const where = `${received.method} ${received.path}`;
      assert.deepEqual(received.unknown_fields, [], `${where}: fields that the vendor does not document`);
      const carried = received.body + JSON.stringify(received.headers);
      assert.ok(direct || !carried.includes(world.key), `${where} carried the client's own key to the provider`);
    }
  });
  return world;
}

/** One test per upstream dialect; in a dry run only for the client's own. A test gets what the dialect can say, too. */
export function cells(own, name, body) {
  for (const upstream of direct ? [own] : Object.keys(upstreams)) {
    test(`${name} · ${upstream}`, (context) => body(upstream, upstreams[upstream], context));
  }
}

/** A test about the gateway itself, per upstream dialect. */
export function gatewayCells(name, body) {
  for (const upstream of Object.keys(upstreams)) {
    const options = { skip: direct && 'is about the gateway itself' };
    test(`${name} · ${upstream}`, options, (context) => body(upstream, upstreams[upstream], context));
  }
}
