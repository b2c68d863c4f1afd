import { CloseButton } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ModelPage, modelQuery } from "~/api/catalogue";
import { contextSize } from "~/format/counts";
import { ALL_CAPABILITIES, capabilityName, sentence } from "~/format/words";
import { LinkButton } from "~/parts/LinkButton";
import { Missing, PriceOf } from "~/parts/Money";
import { Page } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import { leading, providerNames, ratesOf, spread } from "~/screens/model/derived";
import { toModel } from "~/urls/toModel";
import classes from "./Compare.module.css";

const route = getRouteApi("/shell/compare");

/** Up to four models side by side; what differs stands out. */
export default function Compare() {
  const { models: ids = [] } = route.useSearch();
  const loaded = useQueries({ queries: ids.map((id) => modelQuery(id)) });
  const pages = loaded.flatMap(({ data }) => data ?? []);
  const error = loaded.find((one) => one.error)?.error;
  return (
    <Page
      title="Compare models"
      side={
        <>
          <LinkButton to="/models" search={{ compare: ids }} variant="default" size="xs">
            Choose models
          </LinkButton>
          {ids.length > 0 && (
            <LinkButton to="/simulator" search={{ pane: ids }} size="xs">
              Try side by side
            </LinkButton>
          )}
        </>
      }
    >
      {ids.length === 0 && (
        <EmptyState title="No models are chosen.">
          Tick up to four in the list of models, then compare them.
        </EmptyState>
      )}
      {error && <ErrorState error={error} what="A model could not be read." />}
      {loaded.some(({ isPending }) => isPending) && <LoadingRows rows={14} />}
      {pages.length > 0 && <Table pages={pages} ids={ids} />}
    </Page>
  );
}

interface Line {
  name: string;
  /** What is compared, to see whether it differs. */
  of: (page: ModelPage) => string;
  show?: (page: ModelPage) => ReactNode;
}

const RATES = ["input", "output", "cache_read", "cache_write"] as const;
const RATE_NAMES = {
  input: "Input",
  output: "Output",
  cache_read: "Cached input",
  cache_write: "Cache write",
};

const LINES: Line[] = [
  { name: "Available now", of: ({ model }) => (model.callable ? "yes" : "no") },
  ...RATES.map((rate) => ({
    name: `${RATE_NAMES[rate]}, per 1M tokens`,
    of: (page: ModelPage) => ratesOf(leading(page))?.[rate] ?? "",
    show: (page: ModelPage) => <PriceOf usd={ratesOf(leading(page))?.[rate]} why="No price of its own." />,
  })),
  { name: "Price is that of", of: (page) => leading(page)?.provider.name ?? "" },
  { name: "Context", of: (page) => tokens(page, "context") },
  { name: "Max output", of: (page) => tokens(page, "max_output") },
  { name: "Providers", of: (page) => String(providerNames(page).length) },
  { name: "Intelligence", of: ({ model }) => (model.intelligence === null ? "" : `${model.intelligence} %`) },
  { name: "Released", of: ({ model }) => model.released ?? "" },
  { name: "Knowledge cut-off", of: ({ knowledge }) => knowledge ?? "" },
  { name: "Weights", of: ({ model }) => WEIGHTS[String(model.open_weights)] ?? "" },
  { name: "Tokenizer", of: ({ tokenizer }) => tokenizer ?? "" },
  { name: "Input", of: ({ model }) => model.input.map(sentence).join(", ") },
  { name: "Output", of: ({ model }) => model.output.map(sentence).join(", ") },
  ...ALL_CAPABILITIES.map((word) => ({
    name: capabilityName(word),
    of: ({ model }: ModelPage) => ((model.capabilities as string[]).includes(word) ? "yes" : ""),
  })),
  { name: "Parameters", of: ({ parameters }) => String(parameters.length || "") },
];

const WEIGHTS: Record<string, string> = { true: "open", false: "not published" };

function tokens(page: ModelPage, limit: "context" | "max_output"): string {
  const most = spread(page, limit)?.most;
  return most === undefined ? "" : contextSize(most);
}

function Table({ pages, ids }: { pages: ModelPage[]; ids: string[] }) {
  const lines = LINES.filter((line) => pages.some((page) => line.of(page) !== ""));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.frame} tabIndex={0} aria-label="Comparison">
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            {pages.map(({ model }) => (
              <th key={model.id} scope="col">
                <span className={classes.head}>
                  <Link {...toModel(model.id)}>{model.name}</Link>
                  <Link
                    to="/compare"
                    search={{ models: ids.filter((id) => id !== model.id) }}
                    aria-label={`Take ${model.name} out`}
                  >
                    <CloseButton component="span" size="xs" />
                  </Link>
                </span>
                <span className="mono dim">{model.id}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const differs = new Set(pages.map(line.of)).size > 1;
            return (
              <tr key={line.name} data-differs={differs || pages.length === 1}>
                <th scope="row">{line.name}</th>
                {pages.map((page) => (
                  <td key={page.model.id}>
                    {line.show ? line.show(page) : line.of(page) || <Missing why="Not stated." />}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
