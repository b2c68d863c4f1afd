import { expect, it } from "vitest";
import { nextName } from "./keys";
import { titled } from "./names";

it.each([
  ["meta-llama", "Meta Llama"],
  ["ai21", "Ai21"],
  ["x-ai", "X AI"],
  ["nous_research", "Nous Research"],
])("%s is called %s", (id, name) => expect(titled(id)).toBe(name));

it("numbers the keys that follow one another", () => {
  expect(nextName("app")).toBe("app (2)");
  expect(nextName(nextName("app"))).toBe("app (3)");
  expect(nextName("app (beta)")).toBe("app (beta) (2)");
});
