// The real program on a folder of its own, as long as a test needs it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = new URL("../../", import.meta.url).pathname;
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const program = programAt("tollgate", process.env.TOLLGATE);

/** Where a program of this project is, if not elsewhere; `examples/…` is one that only tests need. */
export function programAt(name: string, elsewhere: string | undefined): string {
  return elsewhere ?? join(target, "debug", name);
}

export interface Gateway {
  /** `http://127.0.0.1:40123` */
  url: string;
  /** The one-time link that makes the owner. */
  welcome: string;
  /** A management token. */
  token: string;
  /** Runs a command of the program on the same folder. */
  run: (...args: string[]) => string;
  stop: () => Promise<void>;
}

/** What the program prints when it has started, by the words that its lines begin with. */
const STARTED = { url: /^Tollgate \S+ on (\S+)/, welcome: /^Console\s+(\S+)/, token: /^Token\s+(\S+)/ };

/** Starts it, with a configuration if there is one, on what `fill` has put into its folder. */
export async function startGateway(
  config = "",
  fill: (data: string) => void = () => undefined,
): Promise<Gateway> {
  const data = mkdtempSync(join(tmpdir(), "tollgate-console-"));
  writeFileSync(join(data, "tollgate.toml"), config);
  fill(data);
  const child = spawn(program, ["serve", "--data", data, "--listen", "127.0.0.1:0"], {
    cwd: data,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await greeting(child);
  return {
    ...said,
    run: (...args) => execFileSync(program, [...args, "--data", data], { encoding: "utf8" }),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function greeting(child: ChildProcess): Promise<Pick<Gateway, "url" | "welcome" | "token">> {
  if (!child.stdout) throw new Error("the program has no output");
  const said: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    for (const [name, pattern] of Object.entries(STARTED)) {
      const found = pattern.exec(line)?.[1];
      if (found) said[name] = found;
    }
    const { url, welcome, token } = said;
    if (url && welcome && token) return { url, welcome, token };
  }
  throw new Error(`${program} ended before it had started; is it built?`);
}
