import { Link } from "@tanstack/react-router";
import { useNames } from "~/api/names";
import type { Flow, TrafficGroup } from "~/api/performance";
import { fullCount, percent, shortCount } from "~/format/counts";
import { Chip } from "~/parts/Chip";
import { Missing, Money } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { PlainTable } from "~/parts/PlainTable";
import type { Column } from "~/parts/tableHead";
import { toModel } from "~/urls/toModel";
import { billed, costOf, isSimulated } from "./money";

interface Props {
  flow: Flow;
  /** How many requests had no price, by model or provider. */
  unpriced: Map<string, number> | undefined;
  by: "model" | "provider";
}

/** What the money went to, and at the end what only cost play money. */
export function Top({ flow, unpriced, by }: Props) {
  const nameOf = useNames();
  const total = Number(billed(flow));
  const unpricedOf = ({ name }: TrafficGroup) => unpriced?.get(name ?? "") ?? 0;
  const { groups } = flow.traffic;
  const rows = [
    ...groups.filter(({ name }) => !isSimulated(name)),
    ...groups.filter(({ name }) => isSimulated(name)),
  ];
  const without: Column<TrafficGroup> = {
    id: "unpriced",
    header: "Without price",
    hint: "Requests that no price is known for: they count as nothing",
    align: "right",
    cell: (group) => fullCount(unpricedOf(group)),
  };
  const columns: Column<TrafficGroup>[] = [
    {
      id: "name",
      header: by === "model" ? "Model" : "Provider",
      cell: ({ name }) => (
        <>
          <Name name={name} by={by} nameOf={nameOf} />{" "}
          {isSimulated(name) && <Chip title="Nobody bills what the simulator answers.">Play money</Chip>}
        </>
      ),
    },
    {
      id: "cost",
      header: "Cost",
      unit: "USD",
      align: "right",
      cell: (group) => <Cost group={group} unpriced={unpricedOf(group)} />,
    },
    {
      id: "share",
      header: "Share",
      align: "right",
      wideOnly: true,
      cell: ({ name, sums }) =>
        total > 0 && !isSimulated(name) ? percent(Number(costOf(sums)) / total) : "–",
    },
    { id: "requests", header: "Requests", align: "right", cell: ({ sums }) => fullCount(sums.requests) },
    ...(rows.some((row) => unpricedOf(row) > 0) ? [without] : []),
    { id: "failed", header: "Failed", align: "right", cell: ({ sums }) => fullCount(sums.failed) },
    {
      id: "tokens",
      header: "Tokens",
      unit: "in → out",
      align: "right",
      wideOnly: true,
      cell: ({ sums }) => `${shortCount(sums.input)} → ${shortCount(sums.output)}`,
    },
  ];
  return (
    <Section title={by === "model" ? "Models by cost" : "Providers by cost"}>
      <PlainTable
        label="What the money went to"
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name ?? "rest"}
      />
    </Section>
  );
}

function Cost({ group, unpriced }: { group: TrafficGroup; unpriced: number }) {
  if (isSimulated(group.name)) {
    return (
      <span className="dim">
        <Money usd={group.sums.cost_usd} />
      </span>
    );
  }
  const unknown = unpriced > 0 && costOf(group.sums) === 0n;
  return unknown ? <Missing why="No price is known." /> : <Money usd={group.sums.cost_usd} />;
}

function Name({
  name,
  by,
  nameOf,
}: {
  name: string | null;
  by: "model" | "provider";
  nameOf: (id: string) => string;
}) {
  if (!name) return <span className="dim">no provider was asked</span>;
  return by === "model" && name.includes("/") ? (
    <Link {...toModel(name)}>{name}</Link>
  ) : (
    <Link to="/logs" search={by === "model" ? { model: name } : { provider: name }}>
      {by === "model" ? name : nameOf(name)}
    </Link>
  );
}
