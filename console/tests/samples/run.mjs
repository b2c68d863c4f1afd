// Runs samples of code one after the other in one process, since loading the packages takes longer than they do. Reads a
// JSON list of files, writes a JSON list of what each printed, or of how it failed.

import { readFileSync } from "node:fs";

const write = process.stdout.write.bind(process.stdout);
const results = [];
for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  let printed = "";
  process.stdout.write = (text) => {
    printed += text;
    return true;
  };
  const error = await import(file).then(
    () => null,
    (thrown) => String(thrown?.stack ?? thrown),
  );
  results.push({ printed, error });
}
write(JSON.stringify(results), () => process.exit());
