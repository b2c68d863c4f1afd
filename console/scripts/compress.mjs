// Writes `x.br` and `x.gz` beside every built file that gains by it, so that the gateway compresses nothing while it serves.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const built = new URL("../dist", import.meta.url).pathname;
for (const entry of readdirSync(built, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
  const plain = readFileSync(path);
  for (const [end, packed] of [
    [".br", brotliCompressSync(plain)],
    [".gz", gzipSync(plain, { level: 9 })],
  ]) {
    if (packed.length < plain.length) writeFileSync(path + end, packed);
  }
}
