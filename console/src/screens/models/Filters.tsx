import { Button } from "@mantine/core";
import { useMemo } from "react";
import type { ModelSummary } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { ALL_CAPABILITIES, capabilityName, sentence } from "~/format/words";
import { FilterMenu, type Option } from "~/parts/FilterMenu";
import classes from "./Models.module.css";
import type { ModelsSearch } from "./search";

const CONTEXTS = [
  { value: "32000", label: "32 K or more" },
  { value: "128000", label: "128 K or more" },
  { value: "200000", label: "200 K or more" },
  { value: "1000000", label: "1 M or more" },
];

const PRICES = [
  { value: "0", label: "Free" },
  { value: "0.2", label: "$0.20 in or less" },
  { value: "1", label: "$1 in or less" },
  { value: "5", label: "$5 in or less" },
];

interface Props {
  models: ModelSummary[];
  search: ModelsSearch;
  onChange: (change: Partial<ModelsSearch>) => void;
  onClear: () => void;
}

export function Filters({ models, search, onChange, onClear }: Props) {
  const nameOf = useNames();
  const options = useMemo(() => optionsOf(models, nameOf), [models, nameOf]);
  const any = FILTERS.some((name) => search[name] !== undefined);
  return (
    <div className={classes.filters}>
      <FilterMenu
        label="Author"
        options={options.authors}
        chosen={search.author ?? []}
        onChange={(author) => onChange({ author })}
      />
      <FilterMenu
        label="Provider"
        options={options.providers}
        chosen={search.provider ?? []}
        onChange={(provider) => onChange({ provider })}
      />
      <FilterMenu
        label="Can"
        options={options.capabilities}
        chosen={search.can ?? []}
        onChange={(can) => onChange({ can })}
      />
      <FilterMenu
        label="Takes"
        options={options.inputs}
        chosen={search.takes ?? []}
        onChange={(takes) => onChange({ takes })}
      />
      <FilterMenu
        label="Gives"
        options={options.outputs}
        chosen={search.gives ?? []}
        onChange={(gives) => onChange({ gives })}
      />
      <FilterMenu
        label="Context"
        options={CONTEXTS}
        single
        chosen={search.context === undefined ? [] : [String(search.context)]}
        onChange={(chosen) => onChange({ context: chosen && Number(chosen[0]) })}
      />
      <FilterMenu
        label="Price"
        options={PRICES}
        single
        chosen={search.price === undefined ? [] : [String(search.price)]}
        onChange={(chosen) => onChange({ price: chosen && Number(chosen[0]) })}
      />
      <Toggle name="Callable now" on={search.callable} onChange={(callable) => onChange({ callable })} />
      <Toggle name="Open weights" on={search.open} onChange={(open) => onChange({ open })} />
      {any && (
        <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </div>
  );
}

const FILTERS = [
  "author",
  "provider",
  "can",
  "takes",
  "gives",
  "context",
  "price",
  "callable",
  "open",
] as const;

function Toggle({
  name,
  on,
  onChange,
}: {
  name: string;
  on?: boolean;
  onChange: (on: true | undefined) => void;
}) {
  return (
    <Button
      size="xs"
      variant={on ? "light" : "default"}
      aria-pressed={on === true}
      className={classes.toggle}
      onClick={() => onChange(on ? undefined : true)}
    >
      {name}
    </Button>
  );
}

function optionsOf(
  models: ModelSummary[],
  nameOf: (id: string) => string,
): Record<"authors" | "providers" | "capabilities" | "inputs" | "outputs", Option[]> {
  const capabilities = counted(models, (model) => model.capabilities, capabilityName);
  return {
    authors: counted(models, (model) => [model.author], nameOf),
    providers: counted(models, (model) => model.providers, nameOf),
    capabilities: ALL_CAPABILITIES.flatMap((word) => capabilities.filter(({ value }) => value === word)),
    inputs: counted(models, (model) => model.input, sentence),
    outputs: counted(models, (model) => model.output, sentence),
  };
}

/** Every value that occurs, the most frequent first. */
function counted(
  models: ModelSummary[],
  values: (model: ModelSummary) => string[],
  name: (value: string) => string,
): Option[] {
  const counts = new Map<string, number>();
  for (const value of models.flatMap(values)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([one, many], [other, more]) => more - many || one.localeCompare(other))
    .map(([value, count]) => ({ value, label: name(value), count }));
}
