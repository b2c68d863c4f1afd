import { expect, it } from "vitest";
import { titled } from "./names";

it.each([
  ["meta-llama", "Meta Llama"],
  ["ai21", "Ai21"],
  ["x-ai", "X AI"],
  ["nous_research", "Nous Research"],
])("%s is called %s", (id, name) => expect(titled(id)).toBe(name));
