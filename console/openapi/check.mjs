// Whether the console's types are as the admin API's description has them; what is only said in words may differ.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const committed = "../src/api/schema.d.ts";
const fresh = "../../target/schema.d.ts";
execFileSync("npm", ["run", "--silent", "types", "--", fresh], {
  stdio: ["ignore", "ignore", "inherit"],
});

const withoutWords = (path) =>
  readFileSync(path, "utf8")
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ");
if (withoutWords(committed) !== withoutWords(fresh)) {
  process.stderr.write("The console's types are not as the admin API is: run `make console-types`.\n");
  process.exit(1);
}
