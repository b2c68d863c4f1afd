import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ModelSummary } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { contextSize, fullCount } from "~/format/counts";
import { parseUsd } from "~/format/money";
import { capabilityName, listed } from "~/format/words";
import { Chip } from "~/parts/Chip";
import { Missing, OutputPrice, PriceOf } from "~/parts/Money";
import { Dot } from "~/parts/Names";
import type { Column } from "~/parts/tableHead";
import { toModel } from "~/urls/toModel";
import classes from "./Models.module.css";

/** What the list shows of each model. */
export function columns(
  compare: string[],
  onCompare: (id: string) => void,
  withScores: boolean,
): Column<ModelSummary>[] {
  const all: Column<ModelSummary>[] = [
    {
      id: "compare",
      header: "",
      width: "36px",
      cell: (model) => (
        <Checkbox
          size="xs"
          aria-label={`Compare ${model.name}`}
          checked={compare.includes(model.id)}
          onChange={() => onCompare(model.id)}
        />
      ),
    },
    { id: "name", header: "Model", sortable: true, cell: (model) => <ModelName model={model} /> },
    {
      id: "context",
      header: "Context",
      unit: "tokens",
      align: "right",
      width: "116px",
      sortable: true,
      cell: ({ context }) =>
        context === null ? (
          <Missing why="Not known." />
        ) : (
          <span title={fullCount(context)}>{contextSize(context)}</span>
        ),
    },
    {
      id: "input",
      header: "In",
      unit: "per 1M",
      hint: "Price of a million input tokens in USD, at the cheapest provider that wants something for it",
      align: "right",
      width: "156px",
      sortable: true,
      cell: (model) => <InputPrice model={model} />,
    },
    {
      id: "output",
      header: "Out",
      unit: "per 1M",
      hint: "Price of a million output tokens in USD",
      align: "right",
      width: "92px",
      sortable: true,
      cell: ({ price }) => <OutputPrice price={price} />,
    },
    {
      id: "can",
      header: "Can",
      width: "246px",
      wideOnly: true,
      cell: (model) => <Abilities model={model} />,
    },
    {
      id: "intelligence",
      header: "Intelligence",
      unit: "%",
      hint: "A public index; its source is on the model's page",
      align: "right",
      width: "124px",
      sortable: true,
      wideOnly: true,
      cell: (model) => model.intelligence ?? <Missing why="Nobody has published a score that we know of." />,
    },
    {
      id: "providers",
      header: "Providers",
      align: "right",
      width: "92px",
      sortable: true,
      cell: ({ providers }) => <span title={providers.join(", ")}>{providers.length}</span>,
    },
    {
      id: "released",
      header: "Released",
      align: "right",
      width: "104px",
      sortable: true,
      cell: (model) => model.released ?? <Missing why="Not known." />,
    },
  ];
  return all.filter(({ id }) => id !== "intelligence" || withScores);
}

export function ModelName({ model }: { model: Pick<ModelSummary, "id" | "name" | "callable"> }) {
  const state = model.callable ? "Can be called now" : "No provider that has it is enabled";
  return (
    <span className={classes.name}>
      <Dot on={model.callable} means={state} />
      <Link {...toModel(model.id)} className={classes.nameLink}>
        {model.name}
      </Link>
      <span className={`${classes.id} mono dim`}>{model.id}</span>
    </span>
  );
}

/** The price, with a word where somebody gives it for nothing too. */
function InputPrice({ model: { price, free_at } }: { model: ModelSummary }) {
  const nameOf = useNames();
  const costs = price !== null && !(isNothing(price.input) && isNothing(price.output));
  return (
    <span className={classes.price}>
      {costs && free_at.length > 0 && (
        <Chip title={`Free of charge at ${listed(free_at.map(nameOf))}, mostly a limited trial`}>
          free offer
        </Chip>
      )}
      <PriceOf usd={price?.input} />
    </span>
  );
}

/** What most people look for; the rest is on the model's page. */
const SHOWN = ["vision", "tools", "structured_output", "reasoning", "prompt_caching"];
const SHORT: Record<string, string> = {
  structured_output: "schema",
  prompt_caching: "cache",
  reasoning: "think",
};

function Abilities({ model }: { model: ModelSummary }) {
  const can = model.capabilities as string[];
  const has = SHOWN.filter((word) => can.includes(word));
  return (
    <span className="dim small" title={model.capabilities.map(capabilityName).join(", ")}>
      {has.map((word) => SHORT[word] ?? word).join(" · ")}
    </span>
  );
}

function isNothing(usd: string): boolean {
  return parseUsd(usd) === 0n;
}

export function ModelCard({ model }: { model: ModelSummary }) {
  return (
    <>
      <ModelName model={model} />
      <div className={classes.cardFacts}>
        <span>
          <InputPrice model={model} /> in
        </span>
        <span>
          <OutputPrice price={model.price} /> out
        </span>
        {model.context !== null && <span>{contextSize(model.context)} context</span>}
        <span className="dim">
          {model.providers.length} {model.providers.length === 1 ? "provider" : "providers"}
        </span>
      </div>
    </>
  );
}
