import { expect, it } from "vitest";
import { colorsOf } from "./colors";

it("tells lines of one chart apart, and is the same everywhere", () => {
  const names = ["", "openai", "azure", "groq", "together", "deepinfra", "mistral"];
  const colors = colorsOf(names, false);
  expect(new Set(colors.values()).size).toBe(names.length);
  expect(colorsOf(["openai", ""], false).get("")).toBe(colors.get(""));
  expect(colorsOf(["openai"], true)).toEqual(colorsOf(["openai"], true));
});

it("begins again where there are more names than colours", () => {
  const names = Array.from({ length: 20 }, (_, at) => `provider-${at}`);
  expect([...colorsOf(names, false).values()].every((color) => color.startsWith("#"))).toBe(true);
});
