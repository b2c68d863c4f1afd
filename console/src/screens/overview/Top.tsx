import { Link } from "@tanstack/react-router";
import { useNames } from "~/api/names";
import type { Traffic, TrafficGroup } from "~/api/performance";
import { fullCount, percent, shortCount } from "~/format/counts";
import { parseUsd } from "~/format/money";
import { Money } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { PlainTable } from "~/parts/PlainTable";
import type { Column } from "~/parts/tableHead";
import { toModel } from "~/urls/toModel";

/** What the money went to. */
export function Top({ traffic, by }: { traffic: Traffic; by: "model" | "provider" }) {
  const nameOf = useNames();
  const total = Number(parseUsd(traffic.total.sums.cost_usd) ?? 0n);
  const columns: Column<TrafficGroup>[] = [
    {
      id: "name",
      header: by === "model" ? "Model" : "Provider",
      cell: ({ name }) => <Name name={name} by={by} nameOf={nameOf} />,
    },
    {
      id: "cost",
      header: "Cost",
      unit: "USD",
      align: "right",
      cell: ({ sums }) => <Money usd={sums.cost_usd} />,
    },
    {
      id: "share",
      header: "Share",
      align: "right",
      wideOnly: true,
      cell: ({ sums }) => (total > 0 ? percent(Number(parseUsd(sums.cost_usd) ?? 0n) / total) : "–"),
    },
    { id: "requests", header: "Requests", align: "right", cell: ({ sums }) => fullCount(sums.requests) },
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
        rows={traffic.groups}
        rowKey={({ name }) => name ?? "rest"}
      />
    </Section>
  );
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
