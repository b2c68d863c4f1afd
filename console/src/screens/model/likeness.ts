// Why a model stands among the similar ones, in words.

import type { SimilarModel } from "~/api/catalogue";
import { capabilityName, listed } from "~/format/words";

/** What both have in common, or what differs: price, abilities, context. */
export function likeness({ model, differs, price_ratio, context_ratio }: SimilarModel): string {
  const abilities = model.capabilities as string[];
  const more = differs.filter((word) => abilities.includes(word)).map(lower);
  const less = differs.filter((word) => !abilities.includes(word)).map(lower);
  const parts = [
    priced(price_ratio),
    differs.length === 0 ? "same abilities" : null,
    more.length > 0 ? `adds ${listed(more)}` : null,
    less.length > 0 ? `lacks ${listed(less)}` : null,
    sized(context_ratio),
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

function lower(word: string): string {
  return capabilityName(word).toLowerCase();
}

function priced(ratio: number | null): string | null {
  if (ratio === null) return null;
  if (ratio > 0.9 && ratio < 1.1) return "same price";
  return ratio < 1
    ? `${Math.round((1 - ratio) * 100)} % cheaper`
    : ratio < 2
      ? `${Math.round((ratio - 1) * 100)} % dearer`
      : `${times(ratio)} the price`;
}

function sized(ratio: number | null): string | null {
  if (ratio === null || (ratio > 0.67 && ratio < 1.5)) return null;
  return ratio < 1 ? `1/${Math.round(1 / ratio)} of the context` : `${times(ratio)} the context`;
}

function times(ratio: number): string {
  return `${ratio.toFixed(1).replace(/\.0$/, "")} ×`;
}
