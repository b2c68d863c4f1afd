import { expect, it } from "vitest";
import { tailAddress } from "~/api/requests";
import { filterOf, logsSearch } from "./search";

const NOW = Date.parse("2026-11-21T10:00:00Z");

it.each([
  [{}, {}],
  [
    { verdict: "caller_fault", stream: "no" },
    { verdict: "caller_fault", stream: false },
  ],
  [{ verdict: "perhaps", stream: "perhaps" }, {}],
  [{ span: "24h" }, { since: "2026-11-20T10:00:00.000Z" }],
  [
    { cost: "0.01", took: "5" },
    { cost_least: "0.01", duration_least: 5000 },
  ],
  [
    { model: "a/b", id: "x y" },
    { model: "a/b", client_request_id: "x y" },
  ],
])("%j asks for %j", (address, filter) => {
  expect(filterOf(logsSearch(address), NOW)).toEqual(filter);
});

it("is followed without a span, since what comes is new", () => {
  expect(tailAddress({ model: "a/b", since: "2026-11-20T10:00:00.000Z" })).toBe(
    "/admin/v1/requests/tail?model=a/b",
  );
});
