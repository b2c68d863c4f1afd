// Pieces that samples are written with.

/** Shown where a language needs nothing installed. */
export const CURL_INSTALL = "curl --version";

/** A text as Python and TypeScript both write it. */
export function text(value: string): string {
  return JSON.stringify(value);
}

/** A POST of JSON, as a shell reads it. */
export function curl(url: string, headers: string[], body: object): string {
  const lines = ["Content-Type: application/json", ...headers].map((header) => `  -H ${quoted(header)} \\\n`);
  return `curl ${url} \\\n${lines.join("")}  -d ${quoted(spaced(body))}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** JSON over several lines, short inner values on one. */
function spaced(body: object): string {
  const members = Object.entries(body).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${oneLine(value)}`,
  );
  return `{\n${members.join(",\n")}\n  }`;
}

function oneLine(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, " ")
    .replace(/([[{]) /g, "$1")
    .replace(/ ([\]}])/g, "$1");
}
