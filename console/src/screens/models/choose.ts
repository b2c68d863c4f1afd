// Which models a search means, and in which order. Thousands of models in a few milliseconds, at every key press.

import type { ModelSummary } from "~/api/catalogue";
import { parseUsd } from "~/format/money";
import type { ModelsSearch, SortBy } from "./search";

/** The models that the search means, in its order. */
export function choose(models: ModelSummary[], search: ModelsSearch): ModelSummary[] {
  const words = wordsOf(search.q ?? "");
  const fits = models.filter((model) => passes(model, search) && matches(model, words));
  if (search.sort === undefined && words.length > 0) {
    return byRank(fits, words);
  }
  const { sort = "released", reverse = false } = search;
  return fits.sort((one, other) => compared(one, other, sort, reverse));
}

/** The best matches for what is typed, the best first. */
export function best(models: ModelSummary[], typed: string, count: number): ModelSummary[] {
  const words = wordsOf(typed);
  if (words.length === 0) return [];
  return byRank(
    models.filter((model) => matches(model, words)),
    words,
  ).slice(0, count);
}

/** What is typed, word by word, in lower case. */
export function wordsOf(typed: string): string[] {
  return typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** Whether a model passes the filters, whatever it is called. */
export function passes(model: ModelSummary, search: ModelsSearch): boolean {
  const { author, provider, can, takes, gives, context, price } = search;
  return (
    (!author || author.includes(model.author)) &&
    (!provider || provider.some((one) => model.providers.includes(one))) &&
    (!can || can.every((one) => has(model.capabilities, one))) &&
    (!takes || takes.every((one) => has(model.input, one))) &&
    (!gives || gives.every((one) => has(model.output, one))) &&
    (context === undefined || (model.context ?? 0) >= context) &&
    (price === undefined || lowestInput(model) <= price) &&
    (!search.callable || model.callable) &&
    (!search.open || model.open_weights === true)
  );
}

/** Whether a word of an address is among words of the catalogue. */
function has(words: readonly string[], word: string): boolean {
  return words.includes(word);
}

const texts = new WeakMap<ModelSummary, string>();

/** What is searched of a model, in lower case. */
function textOf(model: ModelSummary): string {
  const known = texts.get(model);
  if (known !== undefined) return known;
  const text = [model.id, model.name, ...model.aliases].join(" ").toLowerCase();
  texts.set(model, text);
  return text;
}

function matches(model: ModelSummary, words: string[]): boolean {
  const text = textOf(model);
  return words.every((word) => text.includes(word));
}

function byRank(models: ModelSummary[], words: string[]): ModelSummary[] {
  const typed = words.join(" ");
  const ranked = models.map((model) => ({ model, rank: rank(model, typed) }));
  ranked.sort(
    (one, other) =>
      other.rank - one.rank ||
      one.model.id.length - other.model.id.length ||
      newerFirst(one.model, other.model),
  );
  return ranked.map(({ model }) => model);
}

/** How well a model's names fit what is typed: the whole of a name, its begin, the begin of a part, anywhere. */
function rank(model: ModelSummary, typed: string): number {
  const slug = model.id.slice(model.id.indexOf("/") + 1).toLowerCase();
  const name = model.name.toLowerCase();
  if (model.id.toLowerCase() === typed || slug === typed || name === typed) return 4;
  if (slug.startsWith(typed) || name.startsWith(typed)) return 3 + (model.callable ? 0.5 : 0);
  if (model.author === typed) return 2.5;
  return (slug.includes(typed) || name.includes(typed) ? 2 : 1) + (model.callable ? 0.5 : 0);
}

/** What is unknown comes last, whichever way the rest is ordered. */
function compared(one: ModelSummary, other: ModelSummary, by: SortBy, reverse: boolean): number {
  const [left, right] = [value(one, by), value(other, by)];
  if (left === null || right === null) {
    return left === right ? byName(one, other) : left === null ? 1 : -1;
  }
  const usual = left < right ? -1 : left > right ? 1 : 0;
  const sign = startsDescending(by) !== reverse ? -1 : 1;
  return usual * sign || byName(one, other);
}

/** Whether the first click on a header gives the largest first. */
export function startsDescending(by: SortBy): boolean {
  return by !== "name" && by !== "input" && by !== "output";
}

function value(model: ModelSummary, by: SortBy): number | string | null {
  switch (by) {
    case "name":
      return model.name.toLowerCase();
    case "context":
      return model.context;
    case "input":
      return inputPrice(model);
    case "output":
      return usd(model.price?.output);
    case "providers":
      return model.providers.length;
    case "intelligence":
      return model.intelligence;
    case "released":
      return model.released;
  }
}

/** What a million input tokens cost where they cost least, at a trial too. */
function lowestInput(model: ModelSummary): number {
  return model.free_at.length > 0 ? 0 : (inputPrice(model) ?? Number.POSITIVE_INFINITY);
}

function inputPrice(model: ModelSummary): number | null {
  return usd(model.price?.input);
}

function usd(text: string | undefined): number | null {
  const pico = parseUsd(text);
  return pico === null ? null : Number(pico) / 1e12;
}

function byName(one: ModelSummary, other: ModelSummary): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : one.id < other.id ? -1 : 1;
}

/** What is known to be newer comes first. */
export function newerFirst(one: ModelSummary, other: ModelSummary): number {
  const [left, right] = [one.released ?? "", other.released ?? ""];
  return left < right ? 1 : left > right ? -1 : 0;
}
