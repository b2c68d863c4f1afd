// Questions that people ask about a model, answered from its data.

import type { ModelPage } from "~/api/catalogue";
import { contextSize, fullCount } from "~/format/counts";
import { parseUsd, priceUsd } from "~/format/money";
import { capabilityName, listed } from "~/format/words";
import { endsOn, leading, providerNames, ratesOf, shareWith, spread } from "./derived";

export interface Question {
  question: string;
  answer: string;
}

export function questions(page: ModelPage, author: string): Question[] {
  const all = [
    cost(page),
    access(page),
    context(page),
    providers(page),
    capabilities(page),
    data(page),
    maker(page, author),
    ending(page),
  ];
  return all.filter((one) => one !== null);
}

function cost(page: ModelPage): Question {
  const best = leading(page);
  const [input, output] = [parseUsd(ratesOf(best)?.input), parseUsd(ratesOf(best)?.output)];
  const question = `What does ${page.model.name} cost?`;
  if (!best || input === null) {
    return {
      question,
      answer: "No provider publishes a price that we know of. Requests are served and marked as unpriced.",
    };
  }
  const out = output === null || output === 0n ? "" : ` and ${priceUsd(output)} per million output tokens`;
  const price = input === 0n && out === "" ? "nothing" : `${priceUsd(input)} per million input tokens${out}`;
  return {
    question,
    answer: `At ${best.provider.name}: ${price}. Every request is priced by its exact token counts, without rounding.`,
  };
}

function access({ model }: ModelPage): Question {
  const answer = model.callable
    ? `Yes. Ask for ${model.id} at any of this gateway's addresses with one of your keys.`
    : "Not yet: no provider that has it is enabled. Add a key of one of its providers, and it can be called at once.";
  return { question: `Can I call ${model.name} through this gateway now?`, answer };
}

function context(page: ModelPage): Question | null {
  const [window, output] = [spread(page, "context"), spread(page, "max_output")];
  if (window === null) return null;
  const range =
    window.least === window.most
      ? `${fullCount(window.most)} tokens`
      : `${contextSize(window.least)} to ${contextSize(window.most)} tokens, depending on the provider`;
  const most = output ? ` An answer has at most ${fullCount(output.most)} tokens.` : "";
  return {
    question: `How large is its context window?`,
    answer: `${range}, input and output together.${most}`,
  };
}

function providers(page: ModelPage): Question {
  const names = providerNames(page);
  const answer = names.length === 1 ? `${names[0]}.` : `${names.length}: ${listed(names)}.`;
  return { question: `Which providers have ${page.model.name}?`, answer };
}

function capabilities(page: ModelPage): Question | null {
  const all = page.model.capabilities;
  if (all.length === 0) return null;
  const say = (words: string[]) => listed(words.map((word) => capabilityName(word).toLowerCase()));
  const everywhere = all.filter((word) => shareWith(page, word) === 1);
  const somewhere = all.filter((word) => !everywhere.includes(word));
  const parts = [
    everywhere.length > 0 ? `At every provider: ${say(everywhere)}.` : null,
    somewhere.length > 0 ? `At some: ${say(somewhere)}.` : null,
  ];
  return { question: `What can ${page.model.name} do?`, answer: parts.filter(Boolean).join(" ") };
}

function data({ offerings }: ModelPage): Question {
  const by = (word: string) => [
    ...new Set(
      offerings.filter((one) => one.data.zero_retention === word).map(({ provider }) => provider.name),
    ),
  ];
  const [always, agreed] = [by("default"), by("by_agreement")];
  const parts = [
    always.length > 0 ? `Without further agreement at ${listed(always)}.` : null,
    agreed.length > 0 ? `By agreement at ${listed(agreed)}.` : null,
  ].filter(Boolean);
  return {
    question: "Can it be used with zero data retention?",
    answer:
      parts.length > 0 ? parts.join(" ") : "No provider states it, and what is not stated is not assumed.",
  };
}

function maker({ model }: ModelPage, author: string): Question {
  const released = model.released ? ` It was released on ${model.released}.` : "";
  const open = model.open_weights;
  const weights = open === null ? "" : open ? " Its weights are open." : " Its weights are not published.";
  return { question: `Who made ${model.name}?`, answer: `${author}.${released}${weights}` };
}

function ending(page: ModelPage): Question | null {
  const day = endsOn(page);
  if (day === null && page.replaced_by === null) return null;
  const when = day ? `Every provider has named its end, the last one ${day}.` : "";
  const next = page.replaced_by ? ` Its author names ${page.replaced_by} as successor.` : "";
  return { question: `Is ${page.model.name} going away?`, answer: `${when}${next}`.trim() };
}
