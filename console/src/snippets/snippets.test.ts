import { describe, expect, it } from "vitest";
import { DOORS, doorsFor, type Filling, LANGUAGES, languagesOf, NO_KEY, steps } from "./snippets";

const FILLING: Filling = { origin: "http://127.0.0.1:8787", model: "openai/gpt-4o-mini", key: "tg_secret" };

const SAMPLES = DOORS.flatMap((door) =>
  (["chat", "embed"] as const).flatMap((operation) =>
    LANGUAGES.flatMap((language) => {
      const sample = door.samples[operation]?.[language];
      return sample ? [{ name: `${door.id} ${operation} ${language}`, sample }] : [];
    }),
  ),
);

describe.each(SAMPLES)("$name", ({ sample }) => {
  const [install, first, other] = steps(sample, FILLING, "simulator/fast");

  it("names the gateway, the key and the model", () => {
    expect(first?.code).toContain(FILLING.origin);
    expect(first?.code).toContain(FILLING.key);
    expect(decodeURIComponent(first?.code ?? "")).toContain(FILLING.model);
  });

  it("asks another model in the third step", () => {
    const code = decodeURIComponent(other?.code ?? "");
    expect(code).toContain("simulator/fast");
    expect(code).not.toContain(FILLING.model);
  });

  it("has no gap", () => {
    for (const step of [install, first, other]) {
      expect(step?.code.trim()).not.toBe("");
      expect(step?.code).not.toMatch(/undefined|null|\$\{|NaN/);
    }
  });
});

it("quotes what a shell would read", () => {
  const code = DOORS[0]?.samples.chat?.curl?.whole({ ...FILLING, model: "o'neil/m" });
  expect(code).toContain(`o'\\''neil/m`);
});

it("offers embeddings where clients can ask for them", () => {
  expect(doorsFor("embed").map(({ id }) => id)).toEqual(["openai"]);
  expect(doorsFor("chat")).toHaveLength(DOORS.length);
});

it("leaves out a language whose client wants TLS, where there is none", () => {
  const bedrock = DOORS.find(({ id }) => id === "bedrock");
  if (!bedrock) throw new Error("no such door");
  expect(languagesOf(bedrock, "chat", "http://localhost:8787")).toEqual(["curl"]);
  expect(languagesOf(bedrock, "chat", "https://llm.example")).toEqual(["curl", "python"]);
});

it("has a key to replace", () => {
  expect(NO_KEY).toMatch(/^[A-Z_]+$/);
});
