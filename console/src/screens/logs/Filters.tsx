import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "~/api/catalogue";
import { keysQuery, projectsQuery } from "~/api/keys";
import { providersQuery } from "~/api/providers";
import { FilterMenu, type Option } from "~/parts/FilterMenu";
import { useTyped } from "~/urls/useTyped";
import classes from "./Logs.module.css";
import { type LogsSearch, SPANS, VERDICTS } from "./search";

interface Props {
  search: LogsSearch;
  onChange: (change: LogsSearch) => void;
  onClear: () => void;
}

const OUTCOMES: Option[] = Object.entries(VERDICTS).map(([value, label]) => ({ value, label }));
const STREAMS: Option[] = [
  { value: "yes", label: "Streamed" },
  { value: "no", label: "Whole" },
];
const TIMES: Option[] = Object.entries(SPANS).map(([value, label]) => ({ value, label }));
const COSTS: Option[] = ["0.001", "0.01", "0.1", "1"].map((usd) => ({
  value: usd,
  label: `$${usd} or more`,
}));
const TIMES_TAKEN: Option[] = ["1", "5", "20", "60"].map((seconds) => ({
  value: seconds,
  label: `${seconds} s or more`,
}));
const MENUS = ["model", "provider", "project", "key", "verdict", "stream", "span"] as const;
const NUMBERS = ["cost", "took"] as const;
const FILTERS = [...MENUS, ...NUMBERS, "id"] as const;

export function Filters({ search, onChange, onClear }: Props) {
  const [id, setId] = useTyped(search.id ?? "", (typed) => onChange({ id: typed.trim() || undefined }));
  const models = useQuery(modelsQuery).data ?? [];
  const providers = useQuery(providersQuery).data ?? [];
  const projects = useQuery(projectsQuery).data ?? [];
  const keys = useQuery(keysQuery).data ?? [];
  const callableFirst = [
    ...models.filter(({ callable }) => callable),
    ...models.filter(({ callable }) => !callable),
  ];
  const enabledFirst = [
    ...providers.filter(({ enabled }) => enabled),
    ...providers.filter(({ enabled }) => !enabled),
  ];
  const menu = (label: string, name: (typeof MENUS)[number], options: Option[]) => (
    <FilterMenu
      label={label}
      options={options}
      single
      chosen={search[name] ? [search[name]] : []}
      onChange={(chosen) => onChange({ [name]: chosen?.[0] })}
    />
  );
  const least = (label: string, name: (typeof NUMBERS)[number], options: Option[]) => (
    <FilterMenu
      label={label}
      options={options}
      single
      chosen={search[name] === undefined ? [] : [String(search[name])]}
      onChange={(chosen) => onChange({ [name]: chosen && Number(chosen[0]) })}
    />
  );
  return (
    <div className={classes.filters}>
      {menu("Time", "span", TIMES)}
      {menu("Outcome", "verdict", OUTCOMES)}
      {menu(
        "Model",
        "model",
        callableFirst.map(({ id }) => ({ value: id, label: id })),
      )}
      {menu(
        "Provider",
        "provider",
        enabledFirst.map(({ id, name }) => ({ value: id, label: name })),
      )}
      {menu(
        "Project",
        "project",
        projects.map(({ id, name }) => ({ value: id, label: name })),
      )}
      {menu(
        "Key",
        "key",
        keys.map(({ id, name, project_name }) => ({ value: id, label: `${name} (${project_name})` })),
      )}
      {menu("Streamed", "stream", STREAMS)}
      {least("Cost", "cost", COSTS)}
      {least("Took", "took", TIMES_TAKEN)}
      <TextInput
        size="xs"
        className={classes.id}
        type="search"
        placeholder="Request id"
        aria-label="Request id"
        title="The gateway's own (gen_…), or the one that the client sent along"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
      {FILTERS.some((name) => search[name] !== undefined) && (
        <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </div>
  );
}
