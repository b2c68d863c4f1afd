// The query part of addresses: plain words, lists joined by commas, nothing quoted; and readers for its fields.

export type Search = Record<string, unknown>;

/** `?q=gpt&author=openai,google` as an object of texts. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The other way; what is empty, false or undefined is left out. */
export function stringifySearch(search: Search): string {
  const parts = Object.entries(search)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value] as const)
    .filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false)
    .map(([name, value]) => `${name}=${encode(String(value))}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** Commas, slashes and colons are readable in a query and need no escape there. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/%(2C|2F|3A|40)/g, (code) => decodeURIComponent(code));
}

export function text(search: Search, name: string): string | undefined {
  const value = search[name];
  return typeof value === "string" && value !== ""
    ? value
    : typeof value === "number"
      ? String(value)
      : undefined;
}

export function list(search: Search, name: string): string[] | undefined {
  const value = search[name];
  const words = Array.isArray(value) ? value.map(String) : (text(search, name)?.split(",") ?? []);
  const given = words.filter((word) => word !== "");
  return given.length > 0 ? given : undefined;
}

export function number(search: Search, name: string): number | undefined {
  const value = Number(search[name] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

export function flag(search: Search, name: string): boolean | undefined {
  return search[name] === true || search[name] === "true" || search[name] === "1" || undefined;
}

export function oneOf<T extends string>(search: Search, name: string, words: readonly T[]): T | undefined {
  return words.find((word) => word === search[name]);
}
