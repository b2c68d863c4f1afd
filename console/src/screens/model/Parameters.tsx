import { IconCheck } from "@tabler/icons-react";
import type { ModelPage, Parameter } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { Missing } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { PlainTable } from "~/parts/PlainTable";
import type { Column } from "~/parts/tableHead";

/** What a request may say: everywhere, or at some providers only. */
export function Parameters({ page }: { page: ModelPage }) {
  const nameOf = useNames();
  const said = page.offerings.filter(({ parameters }) => parameters.length > 0).length;
  const note = said > 0 ? `As ${said} of ${page.offerings.length} offerings state them.` : undefined;
  return (
    <Section id="parameters" title="Supported parameters" note={note}>
      {said === 0 ? (
        <p className="dim">No provider of this model states its parameters. What is sent is passed on.</p>
      ) : (
        <PlainTable
          label="Supported parameters"
          columns={columns(nameOf)}
          rows={page.parameters}
          rowKey={({ name }) => name}
        />
      )}
    </Section>
  );
}

function columns(nameOf: (id: string) => string): Column<Parameter>[] {
  return [
    { id: "name", header: "Parameter", cell: ({ name }) => <code>{name}</code> },
    {
      id: "always",
      header: "Always",
      hint: "Whether every provider that states its parameters takes it",
      cell: (row) =>
        row.always ? (
          <IconCheck size={16} role="img" aria-label="At every provider" />
        ) : (
          <span className="dim" title={row.providers.map(nameOf).join(", ")}>
            {row.providers.length === 1
              ? `at ${nameOf(row.providers[0] ?? "")}`
              : `at ${row.providers.length} providers`}
          </span>
        ),
    },
    {
      id: "default",
      header: "Default",
      cell: (row) => (row.default === null ? <Missing why="Not stated." /> : <code>{row.default}</code>),
    },
  ];
}
