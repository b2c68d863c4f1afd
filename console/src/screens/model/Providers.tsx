import { IconActivity, IconFileText, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ModelPage, Offering, Rates } from "~/api/catalogue";
import { type Figures, performanceQuery } from "~/api/performance";
import { contextSize, fullCount, percent } from "~/format/counts";
import { duration } from "~/format/time";
import { grantedName, sentence } from "~/format/words";
import { CopyText } from "~/parts/Copy";
import { Missing, PriceOf } from "~/parts/Money";
import { Dot } from "~/parts/Names";
import { Section } from "~/parts/Page";
import { PlainTable } from "~/parts/PlainTable";
import type { Column } from "~/parts/tableHead";
import { ratesOf } from "./derived";
import classes from "./Model.module.css";

/** Who serves the model, and on which terms: those that can be called first, then the cheapest. */
export function Providers({ page }: { page: ModelPage }) {
  const figures = useFigures(page.model.id);
  const note = "Prices in USD per 1M tokens. Using a provider means accepting its terms.";
  const has = (id: string) => OPTIONAL[id] === undefined || page.offerings.some(OPTIONAL[id]);
  return (
    <Section id="providers" title="Providers" note={note}>
      <PlainTable
        label="Providers"
        columns={[
          ...COLUMNS.filter(({ id }) => has(id)),
          ...(figures.size > 0 ? measured(figures) : []),
          READ,
        ]}
        rows={page.offerings}
        rowKey={({ provider, wire_id }) => `${provider.id} ${wire_id}`}
      />
    </Section>
  );
}

/** Columns that are left out where no offering has anything in them. */
const OPTIONAL: Record<string, (offering: Offering) => boolean> = {
  search: (offering) => Boolean(ratesOf(offering)?.per_web_search),
  request: (offering) => Boolean(ratesOf(offering)?.per_request),
  quantization: (offering) => offering.quantization !== null,
};

const COLUMNS: Column<Offering>[] = [
  { id: "provider", header: "Provider", cell: (offering) => <Name offering={offering} /> },
  { id: "context", header: "Context", align: "right", cell: ({ context }) => <Tokens count={context} /> },
  {
    id: "output",
    header: "Max out",
    align: "right",
    cell: ({ max_output }) => <Tokens count={max_output} />,
  },
  { id: "in", header: "In", align: "right", cell: (offering) => <Rate offering={offering} of="input" /> },
  { id: "out", header: "Out", align: "right", cell: (offering) => <Rate offering={offering} of="output" /> },
  {
    id: "cached",
    header: "Cached",
    hint: "Input read from the provider's prompt cache, and where it has a price of its own, written to it",
    align: "right",
    cell: (offering) => <CacheRates offering={offering} />,
  },
  {
    id: "search",
    header: "Search",
    unit: "each",
    align: "right",
    cell: (offering) => <Rate offering={offering} of="per_web_search" />,
  },
  {
    id: "request",
    header: "Request",
    unit: "each",
    align: "right",
    cell: (offering) => <Rate offering={offering} of="per_request" />,
  },
  {
    id: "retention",
    header: "ZDR",
    hint: "Zero data retention: whether nothing is kept after the answer",
    cell: ({ data }) => <Terms word={data.zero_retention} read={data.date} />,
  },
  {
    id: "training",
    header: "No training",
    hint: "Whether nothing is used to train models",
    cell: ({ data }) => <Terms word={data.no_training} read={data.date} />,
  },
  { id: "regions", header: "Regions", cell: (offering) => <Regions offering={offering} /> },
  {
    id: "quantization",
    header: "Weights",
    cell: ({ quantization }) => quantization ?? <Missing why="Not stated." />,
  },
];

const READ: Column<Offering> = {
  id: "links",
  header: "Read",
  cell: (offering) => <Links offering={offering} />,
};

/** The figures of each offering in the last day, by provider and its own name of the model. */
function useFigures(model: string): Map<string, Figures> {
  const measured = useQuery(performanceQuery({ window: "24h", by: "offering", model })).data;
  return new Map(
    measured?.groups.map(({ provider, wire_id, figures }) => [`${provider} ${wire_id}`, figures]),
  );
}

/** What was measured of each offering, with the number of samples on hover. */
function measured(figures: Map<string, Figures>): Column<Offering>[] {
  const none = <Missing why="No request went to it in the last 24 hours." />;
  const column = (
    id: string,
    header: string,
    unit: string,
    show: (of: Figures) => [string, number] | null,
  ): Column<Offering> => ({
    id,
    header,
    unit,
    hint: "Median of this gateway's own traffic in the last 24 hours",
    align: "right",
    cell: ({ provider, wire_id }) => {
      const own = figures.get(`${provider.id} ${wire_id}`);
      const shown = own && show(own);
      return shown ? <span title={`${fullCount(shown[1])} samples in 24 hours`}>{shown[0]}</span> : none;
    },
  });
  return [
    column("ttft", "TTFT", "p50", ({ first_token_ms: { p50, samples } }) =>
      p50 === null ? null : [duration(p50), samples],
    ),
    column("tps", "Speed", "tok/s", ({ tokens_per_second: { p50, samples } }) =>
      p50 === null ? null : [String(Math.round(p50)), samples],
    ),
    column("success", "OK", "", ({ success, sums }) =>
      success === null ? null : [percent(success), sums.served + sums.failed],
    ),
  ];
}

function Name({ offering: { provider, wire_id, callable } }: { offering: Offering }) {
  const state = callable ? "Enabled" : "Not enabled: it needs a key";
  return (
    <span className={classes.provider}>
      <Dot on={callable} means={state} />
      <span>
        {provider.name}
        <span className={classes.wire}>
          <CopyText value={provider.id} label={`provider slug ${provider.id}`} />
          {wire_id !== provider.id && (
            <span title="The provider's own name of the model" className={`mono ${classes.wireId}`}>
              {wire_id}
            </span>
          )}
        </span>
      </span>
    </span>
  );
}

function Tokens({ count }: { count: number | null }) {
  return count === null ? (
    <Missing why="Not stated." />
  ) : (
    <span title={fullCount(count)}>{contextSize(count)}</span>
  );
}

function Rate({ offering, of }: { offering: Offering; of: keyof Rates }) {
  const rates = ratesOf(offering);
  return (
    <PriceOf
      usd={rates?.[of]}
      why={rates ? "No price of its own." : (offering.unpriced ?? "No price is known.")}
    />
  );
}

function CacheRates({ offering }: { offering: Offering }) {
  const write = ratesOf(offering)?.cache_write;
  return (
    <>
      <Rate offering={offering} of="cache_read" />
      {write && (
        <span className="dim" title="Read / write">
          {" "}
          / <Rate offering={offering} of="cache_write" />
        </span>
      )}
    </>
  );
}

function Terms({ word, read }: { word: string | null; read: string | null }) {
  if (word === null) return <Missing why="Not stated, and so not assumed." />;
  return (
    <span className={word === "none" ? "dim" : undefined} title={read ? `Read on ${read}` : undefined}>
      {grantedName(word)}
    </span>
  );
}

function Regions({ offering }: { offering: Offering }) {
  const { regions } = offering;
  const { headquarters } = offering.provider;
  if (regions.length === 0 && !headquarters) return <Missing why="Not stated." />;
  const shown =
    regions.length > 2 ? `${regions.slice(0, 2).join(", ")} +${regions.length - 2}` : regions.join(", ");
  return (
    <span title={[...regions, headquarters && `headquarters: ${headquarters}`].filter(Boolean).join(", ")}>
      {shown || <span className="dim">{headquarters}</span>}
    </span>
  );
}

const LINKS = { terms: IconFileText, privacy: IconLock, status: IconActivity };

function Links({ offering }: { offering: Offering }) {
  const { name: provider, links } = offering.provider;
  const all = Object.entries(LINKS).flatMap(([name, icon]) => {
    const address = links[name as keyof typeof LINKS];
    return address ? [{ name, address, icon }] : [];
  });
  if (all.length === 0) return <Missing why="No links are known." />;
  return (
    <span className={classes.links}>
      {all.map(({ name, address, icon: Icon }) => (
        <a
          key={name}
          href={address}
          target="_blank"
          rel="noreferrer"
          title={sentence(name)}
          aria-label={`${sentence(name)} of ${provider}`}
        >
          <Icon size={16} stroke={1.75} />
        </a>
      ))}
    </span>
  );
}
