// How much a first visit loads, compressed: the page, what it names, and a screen.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const DIST = new URL("../dist/", import.meta.url).pathname;
const MOST_BYTES = 200_000;

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

it.each(["overview/Overview", "models/Models"])(
  "loads less than 200 kB for a first visit to %s",
  (screen) => {
    const manifest: Record<string, Chunk> = JSON.parse(
      readFileSync(join(DIST, ".vite/manifest.json"), "utf8"),
    );
    const files = new Set(["index.html"]);
    const take = (name: string) => {
      const chunk = manifest[name];
      if (!chunk) throw new Error(`${name} was not built`);
      if (files.has(chunk.file)) return;
      for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
      chunk.imports?.forEach(take);
    };
    take("index.html");
    take(`src/screens/${screen}.tsx`);
    const bytes = [...files].map((file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length);
    const total = bytes.reduce((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThan(50_000);
    expect(total, `${files.size} files`).toBeLessThan(MOST_BYTES);
  },
);
