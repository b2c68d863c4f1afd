import { expect, it } from "vitest";
import { tokensPerSecond } from "./speed";

const STREAM = { stream: true, estimate: false, first_token_ms: 200, duration_ms: 1200 };

it.each([
  ["after the first content", STREAM, { output: 50, reasoning: 0 }, 50],
  ["whole answers have none", { ...STREAM, stream: false }, { output: 50, reasoning: 0 }, null],
  ["nor what was estimated", { ...STREAM, estimate: true }, { output: 50, reasoning: 0 }, null],
  ["nor short ones", STREAM, { output: 9, reasoning: 0 }, null],
  ["nor what came at once", { ...STREAM, first_token_ms: 1101 }, { output: 50, reasoning: 0 }, null],
  [
    "thoughts take their time before it",
    { ...STREAM, first_token_ms: 1190 },
    { output: 60, reasoning: 50 },
    50,
  ],
])("%s", (_, times, usage, expected) => {
  expect(tokensPerSecond({ ...times, usage })).toBe(expected);
});
