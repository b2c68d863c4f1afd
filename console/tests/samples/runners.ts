// Runs samples as they stand: with curl, and with the official client packages that sdk-tests/ installs.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Language } from "../../src/snippets/snippets";

const sdk = process.env.SDK_TESTS ?? new URL("../../../sdk-tests", import.meta.url).pathname;
const here = new URL(".", import.meta.url).pathname;

export interface Ran {
  printed: string;
  error: string | null;
}

/** Runs samples of one language at one door, one after the other. */
export async function run(language: Language, door: string, codes: string[], env: object): Promise<Ran[]> {
  if (language === "curl") {
    return Promise.all(codes.map((code) => curl(code)));
  }
  if (language === "python") {
    // Merge's package has an environment of its own.
    const venv = door === "merge" ? "merge/.venv/merge-gateway-sdk" : "python/.venv/requirements";
    return batch(join(sdk, venv, "bin/python"), join(here, "run.py"), codes, env);
  }
  const folder = mkdtempSync(join(tmpdir(), "tollgate-samples-"));
  try {
    symlinkSync(join(sdk, "node/node_modules"), join(folder, "node_modules"));
    const files = codes.map((code, at) => {
      const file = join(folder, `sample-${at}.mjs`);
      writeFileSync(file, code);
      return file;
    });
    return await batch(process.execPath, join(here, "run.mjs"), files, env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function curl(code: string): Promise<Ran> {
  const { status, printed, complained } = await spawned(
    "sh",
    ["-c", code.replace("curl ", "curl -sS --fail-with-body --max-time 30 ")],
    "",
    {},
  );
  return { printed, error: status === 0 ? null : `${complained}${printed}` };
}

async function batch(program: string, runner: string, samples: string[], env: object): Promise<Ran[]> {
  const { status, printed, complained } = await spawned(program, [runner], JSON.stringify(samples), env);
  if (status !== 0) throw new Error(`${program}: ${complained}`);
  return JSON.parse(printed);
}

interface Spawned {
  status: number | null;
  printed: string;
  complained: string;
}

function spawned(program: string, args: string[], input: string, env: object): Promise<Spawned> {
  const child = spawn(program, args, {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", FORCE_COLOR: "0", ...env },
    timeout: 100_000,
  });
  let [printed, complained] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    complained += text;
  });
  // What ends before it has read its input has not failed by that.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, printed, complained }));
  });
}

export interface TlsFront {
  url: string;
  /** What clients need to trust it. */
  env: Record<string, string>;
  stop: () => void;
}

/** TLS before the gateway, as a reverse proxy gives it, for clients that want it. */
export async function startTls(gateway: string): Promise<TlsFront> {
  const script =
    "import sys; from tls import TlsFront; front = TlsFront(sys.argv[1]); print(front.url, front.authority, flush=True); sys.stdin.read()";
  const child = spawn(join(sdk, "python/.venv/requirements/bin/python"), ["-c", script, gateway], {
    cwd: join(sdk, "python"),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface(child.stdout)) {
    const [url = "", authority = ""] = line.split(" ");
    return { url, env: { AWS_CA_BUNDLE: authority }, stop: () => child.stdin.end() };
  }
  throw new Error("the TLS front did not start");
}
