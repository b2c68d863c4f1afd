import { describe, expect, it } from "vitest";
import { contextSize, percent, shortCount } from "./counts";
import { costOf, exactUsd, parseUsd, priceUsd, shortUsd } from "./money";
import { duration, relative } from "./time";
import { listed } from "./words";

function usd(text: string): bigint {
  const pico = parseUsd(text);
  if (pico === null) throw new Error(`no money: ${text}`);
  return pico;
}

describe("money", () => {
  it.each([
    ["0", "$0", "$0"],
    ["0.000123", "$0.000123", "$0.000123"],
    ["0.0001234567", "$0.000123", "$0.0001234567"],
    ["0.075", "$0.075", "$0.075"],
    ["0.15", "$0.15", "$0.15"],
    ["0.5", "$0.50", "$0.50"],
    ["1", "$1.00", "$1"],
    ["0.9999", "$1.00", "$0.9999"],
    ["12.4", "$12.40", "$12.40"],
    ["1234", "$1.2 k", "$1234"],
    ["2000", "$2 k", "$2000"],
    ["3400000", "$3.4 M", "$3400000"],
    ["-0.5", "−$0.50", "−$0.50"],
    ["0.000000000001", "$0.000000000001", "$0.000000000001"],
  ])("%s is %s, exactly %s", (text, short, exact) => {
    expect(shortUsd(usd(text))).toBe(short);
    expect(exactUsd(usd(text))).toBe(exact);
  });

  it("is not read from what is none", () => {
    for (const text of ["", "1e-6", "$1", "1.", ".5", "0.0000000000001", null, undefined]) {
      expect(parseUsd(text)).toBeNull();
    }
  });

  it("keeps zeros beyond the twelfth place harmless", () => {
    expect(parseUsd("0.1500000000000000")).toBe(150_000_000_000n);
  });

  it("is exact per token", () => {
    expect(costOf(1, usd("0.075"))).toBe(75_000n);
    expect(exactUsd(costOf(123_456_789, usd("0.15")))).toBe("$18.51851835");
  });

  it("calls a price of nothing free", () => {
    expect(priceUsd(0n)).toBe("Free");
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [812, "812"],
    [999, "999"],
    [1_000, "1 k"],
    [12_345, "12.3 k"],
    [999_499, "999 k"],
    [999_500, "1 M"],
    [1_047_576, "1.05 M"],
    [2_500_000_000, "2.5 B"],
  ])("%d is %s", (count, short) => expect(shortCount(count)).toBe(short));

  it.each([
    [128_000, "128 K"],
    [131_072, "128 K"],
    [16_384, "16 K"],
    [200_000, "200 K"],
    [1_047_576, "1.05 M"],
    [1_048_576, "1 M"],
    [4_096, "4 K"],
    [512, "512"],
  ])("a context of %d is %s", (tokens, short) => expect(contextSize(tokens)).toBe(short));

  it.each([
    [1, "100 %"],
    [0.9999, "99.99 %"],
    [0.99999, "99.99 %"],
    [0.998, "99.8 %"],
    [0.5, "50 %"],
    [0, "0 %"],
  ])("a share of %d is %s", (share, short) => expect(percent(share)).toBe(short));
});

describe("time", () => {
  it.each([
    [0.4, "0 ms"],
    [410, "410 ms"],
    [999.6, "1.0 s"],
    [1_940, "1.9 s"],
    [12_000, "12 s"],
    [125_000, "2 m 05 s"],
    [3_720_000, "1 h 02 m"],
  ])("%d ms are %s", (ms, short) => expect(duration(ms)).toBe(short));

  it.each([
    ["2026-11-21T10:00:00Z", "now"],
    ["2026-11-21T09:59:20Z", "40 s ago"],
    ["2026-11-21T09:10:00Z", "50 min ago"],
    ["2026-11-21T06:30:00Z", "3 h ago"],
    ["2026-11-18T10:00:00Z", "3 d ago"],
    ["2026-11-21T10:30:00Z", "in 30 min"],
    ["2026-11-01T12:00:00Z", "2026-11-01"],
  ])("%s is %s", (at, short) => expect(relative(at, Date.parse("2026-11-21T10:00:00Z"))).toBe(short));
});

it("lists words as a sentence does", () => {
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
});
