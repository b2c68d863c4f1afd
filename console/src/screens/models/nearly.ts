// Models whose names are nearly what is typed, for where none is called that: a letter left out, one too many, a wrong one,
// two swapped, or other separators.

import type { ModelSummary } from "~/api/catalogue";
import { newerFirst, wordsOf } from "./choose";

const MOST = 3;
/** A word may have one slip for so many of its letters; shorter ones are to be right. */
const LETTERS_PER_SLIP = 4;
/** More is no name. */
const LONGEST = 100;

/** The models that were probably meant, the likeliest first; behind a wrong author or provider, those of the bare name. */
export function nearly(models: ModelSummary[], typed: string): ModelSummary[] {
  if (typed.length > LONGEST) return [];
  const whole = among(models, typed, textOf);
  const slash = typed.lastIndexOf("/");
  return whole.length > 0 || slash < 0 ? whole : among(models, typed.slice(slash + 1), bareTextOf);
}

type TextOf = (model: ModelSummary) => string;

function among(models: ModelSummary[], typed: string, searched: TextOf): ModelSummary[] {
  const words = wordsOf(typed).map(squashed);
  if (words.join("") === "") return [];
  const near = models.flatMap((model) => {
    const slips = slipsIn(searched(model), words);
    return slips === null ? [] : [{ model, slips }];
  });
  near.sort(
    (one, other) =>
      one.slips - other.slips ||
      Number(other.model.callable) - Number(one.model.callable) ||
      one.model.id.length - other.model.id.length ||
      newerFirst(one.model, other.model),
  );
  return near.slice(0, MOST).map(({ model }) => model);
}

/** How many slips there are between what is typed and a text; null where there are too many. */
function slipsIn(text: string, words: string[]): number | null {
  let sum = 0;
  for (const word of words) {
    const slips = slipsTo(word, text, Math.floor(word.length / LETTERS_PER_SLIP));
    if (slips === null) return null;
    sum += slips;
  }
  return sum;
}

const texts = new WeakMap<ModelSummary, string>();

/** A model's names, as what is typed is compared with them. */
function textOf(model: ModelSummary): string {
  const known = texts.get(model);
  if (known !== undefined) return known;
  const text = [model.id, model.name, ...model.aliases].map(squashed).join(" ");
  texts.set(model, text);
  return text;
}

/** The same without who made it. */
function bareTextOf(model: ModelSummary): string {
  return textOf(model).slice(squashed(model.author).length);
}

/** Letters and digits alone, in lower case. */
function squashed(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** How many slips make a part of the text a word, by Sellers' algorithm with swaps; null where that takes more than `most`. */
function slipsTo(word: string, text: string, most: number): number | null {
  // One row for each letter of the word, one column for each of the text; any place of the text may be the word's begin.
  let [twoAbove, above, now] = [0, 0, 0].map(() => new Uint8Array(text.length + 1)) as [Row, Row, Row];
  for (let row = 1; row <= word.length; row += 1) {
    const [letter, before] = [word.charCodeAt(row - 1), word.charCodeAt(row - 2)];
    let fewest = row;
    let left = row;
    now[0] = row;
    for (let at = 1; at <= text.length; at += 1) {
      const other = text.charCodeAt(at - 1);
      let slips = (above[at - 1] ?? 0) + (letter === other ? 0 : 1);
      slips = Math.min(slips, (above[at] ?? 0) + 1, left + 1);
      if (before === other && letter === text.charCodeAt(at - 2))
        slips = Math.min(slips, (twoAbove[at - 2] ?? 0) + 1);
      now[at] = left = slips;
      if (slips < fewest) fewest = slips;
    }
    if (fewest > most) return null;
    [twoAbove, above, now] = [above, now, twoAbove];
  }
  return Math.min(...above);
}

type Row = Uint8Array;
