// Code to call this gateway with, for every door and language: the one source of all samples in the console. A test runs
// each of them against the real program.

import { AI_SDK } from "./ai_sdk";
import { ANTHROPIC } from "./anthropic";
import { BEDROCK } from "./bedrock";
import { GEMINI } from "./gemini";
import { MERGE } from "./merge";
import { OPENAI } from "./openai";
import { RESPONSES } from "./responses";

export const LANGUAGES = ["curl", "python", "typescript"] as const;
export type Language = (typeof LANGUAGES)[number];

export const LANGUAGE_NAMES: Record<Language, string> = {
  curl: "curl",
  python: "Python",
  typescript: "TypeScript",
};

/** What a client can be asked to do. */
export type Operation = "chat" | "embed";

/** What stands in the samples. */
export interface Filling {
  /** Scheme, host and port of the gateway. */
  origin: string;
  /** `author/slug`. */
  model: string;
  /** A model's key. */
  key: string;
}

/** One sample: what to install first, and code that runs as it stands. */
export interface Sample {
  install: string;
  /** Asks once and prints the answer. */
  whole: (filling: Filling) => string;
  /** Prints the answer while it comes; absent where there is nothing to stream. */
  streamed?: (filling: Filling) => string;
}

/** A client protocol with its samples. */
export interface Door {
  id: string;
  name: string;
  /** The path that follows the gateway's address, as its clients want their base URL. */
  base: string;
  /** What to know before. */
  note?: string;
  samples: Partial<Record<Operation, Partial<Record<Language, Sample>>>>;
  /** Languages whose client refuses a gateway without TLS. */
  wantsTls?: Language[];
}

/** Every door there is, the most used first. */
export const DOORS: Door[] = [OPENAI, ANTHROPIC, GEMINI, RESPONSES, AI_SDK, BEDROCK, MERGE];

/** The doors that can do this, with the languages that they have samples in. */
export function doorsFor(operation: Operation): Door[] {
  return DOORS.filter((door) => door.samples[operation] !== undefined);
}

/** The languages of a door, in one order. */
export function languagesOf(door: Door, operation: Operation, origin: string): Language[] {
  const secure = origin.startsWith("https:");
  const samples = door.samples[operation] ?? {};
  return LANGUAGES.filter((one) => samples[one] && (secure || !door.wantsTls?.includes(one)));
}

export interface Step {
  title: string;
  code: string;
}

/** What one sample comes to, in three steps: install, first call, another model. */
export function steps(sample: Sample, filling: Filling, other: string): Step[] {
  const another = sample.streamed ?? sample.whole;
  return [
    { title: "Install", code: sample.install },
    { title: "Make the first call", code: sample.whole(filling) },
    {
      title: sample.streamed ? "Stream from another model" : "Try another model",
      code: another({ ...filling, model: other }),
    },
  ];
}

/** The key in samples while none is chosen. */
export const NO_KEY = "YOUR_TOLLGATE_KEY";
