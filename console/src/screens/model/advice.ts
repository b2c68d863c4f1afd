// When a model is a good choice and when another is, as far as its data says. No praise: only what follows from facts.

import type { ModelPage, ModelSummary } from "~/api/catalogue";
import { contextSize } from "~/format/counts";
import { parseUsd, shortUsd } from "~/format/money";
import { endsOn, leading, providerNames, ratesOf, shareWith, spread } from "./derived";

/** From this share of all models on, something is worth saying. */
const FEW = 0.25;
/** Where one model has this many providers, one can stand in for another. */
const MANY_PROVIDERS = 4;

/** What speaks for it, compared with all models. */
export function goodFor(page: ModelPage, all: ModelSummary[]): string[] {
  // What one provider in ten claims is not what the model is chosen for.
  const can = (word: string) => shareWith(page, word) >= 0.5;
  const cheaper = shareBelow(all, (one) => usd(one.price?.input), inputPrice(page));
  const window = spread(page, "context");
  const longer = shareBelow(
    all,
    (one) => (one.context === null ? null : -one.context),
    window && -window.most,
  );
  const providers = providerNames(page).length;
  return said([
    cheaper !== null &&
      cheaper <= FEW &&
      `Many calls at low cost: ${Math.round(cheaper * 100)} % of priced models have cheaper input.`,
    longer !== null &&
      longer <= FEW &&
      window &&
      `Long documents and conversations: ${contextSize(window.most)} tokens of context.`,
    can("reasoning") && "Problems that need several steps: it reasons before it answers.",
    can("tools") &&
      (can("structured_output")
        ? "Agents and pipelines: it calls tools and keeps to a JSON schema."
        : "Agents: it calls tools."),
    can("vision") && "Reading images: screenshots, photos, scanned pages.",
    (can("audio") || can("audio_output")) && "Speech and sound.",
    can("image_output") && "Making images.",
    can("prompt_caching") &&
      "Repeated long prompts: cached input is billed less where the provider has a price for it.",
    providers >= MANY_PROVIDERS &&
      `Staying available: ${providers} providers have it, so that one can stand in for another.`,
    page.model.open_weights && "Running it yourself: its weights are open.",
    page.model.operations.includes("embed") && "Search and clustering: it turns text into vectors.",
  ]);
}

/** What speaks for another. */
export function otherwise(page: ModelPage, all: ModelSummary[]): string[] {
  const { model } = page;
  const lacks = (word: string) =>
    model.operations.includes("chat") && !(model.capabilities as string[]).includes(word);
  const smarter = cleverest(model, all);
  const day = endsOn(page);
  return said([
    day && `You plan for long: every provider has named its end, the last one ${day}.`,
    page.replaced_by && `You begin anew: its author names ${page.replaced_by} as successor.`,
    smarter &&
      `Quality decides: ${smarter.name} by the same author scores ${smarter.intelligence} % against ${model.intelligence} %.`,
    lacks("reasoning") && "Problems need long chains of thought: it does not reason before it answers.",
    lacks("tools") && "You need tools: no provider of it takes them.",
    lacks("structured_output") && "You need answers that keep to a schema: no provider of it promises that.",
    lacks("vision") && "Requests hold images: it reads none.",
    page.offerings.every(({ data }) => data.zero_retention === null) &&
      "You need zero data retention: no provider of it states such terms.",
  ]);
}

function said(lines: (string | false | null | undefined)[]): string[] {
  return lines.filter((line) => typeof line === "string");
}

function cleverest(model: ModelSummary, all: ModelSummary[]): ModelSummary | undefined {
  const own = model.intelligence;
  if (own === null) return undefined;
  return all
    .filter(({ author, intelligence }) => author === model.author && (intelligence ?? 0) > own)
    .sort((one, other) => (other.intelligence ?? 0) - (one.intelligence ?? 0))[0];
}

/** The price in one line; null where there is none. */
export function priceLine(page: ModelPage): string | null {
  const rates = ratesOf(leading(page));
  const [input, output] = [parseUsd(rates?.input), parseUsd(rates?.output)];
  if (input === null) return null;
  if (input === 0n && (output ?? 0n) === 0n) return "free of charge";
  const out = output === null || output === 0n ? "" : `, ${shortUsd(output)} out`;
  return `${shortUsd(input)} in${out} per million tokens`;
}

function inputPrice(page: ModelPage): number | null {
  return usd(ratesOf(leading(page))?.input);
}

/** How many of all models that have such a figure have less. */
function shareBelow(
  all: ModelSummary[],
  of: (one: ModelSummary) => number | null,
  value: number | null,
): number | null {
  const known = all.flatMap((one) => of(one) ?? []);
  return value === null || known.length === 0
    ? null
    : known.filter((one) => one < value).length / known.length;
}

function usd(text: string | undefined): number | null {
  const pico = parseUsd(text);
  return pico === null ? null : Number(pico) / 1e12;
}
