import { expect, it } from "vitest";
import { flag, list, number, oneOf, parseSearch, stringifySearch, text } from "./search";

it("writes plain addresses", () => {
  expect(
    stringifySearch({
      q: "gpt 4o",
      author: ["openai", "x.ai"],
      free: true,
      max: 3,
      none: undefined,
      off: false,
    }),
  ).toBe("?q=gpt%204o&author=openai,x.ai&free=true&max=3");
  expect(stringifySearch({ models: ["openai/gpt-4o-mini", "a/b:free"] })).toBe(
    "?models=openai/gpt-4o-mini,a/b:free",
  );
  expect(stringifySearch({})).toBe("");
});

it("reads what it wrote", () => {
  const search = { q: "50% & more + = ,", author: ["a", "b"], max: 0.5, live: true };
  const read = parseSearch(stringifySearch(search));
  expect(text(read, "q")).toBe(search.q);
  expect(list(read, "author")).toEqual(search.author);
  expect(number(read, "max")).toBe(0.5);
  expect(flag(read, "live")).toBe(true);
});

it("takes nothing for what it is not", () => {
  const read = parseSearch("?n=abc&sort=sideways&empty=&list=,,");
  expect(number(read, "n")).toBeUndefined();
  expect(oneOf(read, "sort", ["price", "name"])).toBeUndefined();
  expect(text(read, "empty")).toBeUndefined();
  expect(list(read, "list")).toBeUndefined();
  expect(flag(read, "n")).toBeUndefined();
});
