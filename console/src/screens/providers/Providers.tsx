import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type Figures, performanceQuery } from "~/api/performance";
import { type Provider, providersQuery } from "~/api/providers";
import { fullCount, percent, shortCount } from "~/format/counts";
import { duration } from "~/format/time";
import { grantedName, sentence } from "~/format/words";
import { DataTable } from "~/parts/DataTable";
import { Missing } from "~/parts/Money";
import { NameAndId, RowCard } from "~/parts/Names";
import { Page } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import type { Column } from "~/parts/tableHead";
import { useTyped } from "~/urls/useTyped";
import { OwnProvider } from "./OwnProvider";
import { isOwn, ProviderPanel } from "./ProviderPanel";
import classes from "./Providers.module.css";
import { State } from "./State";
import type { ProvidersSearch } from "./search";

const route = getRouteApi("/shell/providers");

/** Who serves models, with which credentials, and how well. */
export default function Providers() {
  const providers = useQuery(providersQuery);
  const measured = useQuery(performanceQuery({ window: "24h", by: "provider" })).data;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: ProvidersSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const [typed, setTyped] = useTyped(search.q ?? "", (q) => change({ q: q || undefined }));
  const all = providers.data ?? [];
  const words = typed.trim().toLowerCase();
  const shown = all
    .filter(({ enabled }) => !search.enabled || enabled)
    .filter(({ id, name, aliases }) =>
      [id, name, ...aliases].some((text) => text.toLowerCase().includes(words)),
    )
    .sort((one, other) => Number(other.enabled) - Number(one.enabled) || other.models - one.models);
  const figures = new Map(measured?.groups.map((group) => [group.provider ?? "", group.figures]));
  const open = all.find(({ id }) => id === search.provider);
  const editing = search.edit && !search.add && open?.said != null && isOwn(open);
  const enabled = all.filter((one) => one.enabled).length;
  return (
    <Page
      title="Providers"
      note={providers.data && `${enabled} of ${all.length} enabled`}
      side={
        <Button
          size="xs"
          leftSection={<IconPlus size={15} />}
          onClick={() => change({ add: true, provider: undefined, edit: undefined })}
        >
          Add your own
        </Button>
      }
    >
      <div className={classes.bar}>
        <TextInput
          type="search"
          placeholder="Search by name"
          aria-label="Search providers"
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button
          size="xs"
          variant={search.enabled ? "light" : "default"}
          aria-pressed={search.enabled === true}
          onClick={() => change({ enabled: !search.enabled })}
        >
          Enabled
        </Button>
      </div>
      {providers.isPending && <LoadingRows rows={14} />}
      {providers.error && (
        <ErrorState
          error={providers.error}
          what="The providers could not be read."
          onRetry={providers.refetch}
        />
      )}
      {providers.data && shown.length === 0 && (
        <EmptyState title="No provider fits.">
          Search for less, or add your own: whatever speaks one of the dialects can be one.
        </EmptyState>
      )}
      {shown.length > 0 && (
        <DataTable
          label="Providers"
          columns={columns(figures)}
          rows={shown}
          rowKey={({ id }) => id}
          card={(provider) => <Card provider={provider} figures={figures.get(provider.id)} />}
          openKey={search.provider}
          onOpen={({ id }) => change({ provider: id, add: undefined, edit: undefined })}
        />
      )}
      {search.add && (
        <OwnProvider
          onSaved={(id) => change({ add: undefined, provider: id })}
          onClose={() => change({ add: undefined })}
        />
      )}
      {open && editing && (
        <OwnProvider
          key={open.id}
          provider={open}
          onSaved={() => change({ edit: undefined })}
          onClose={() => change({ edit: undefined })}
        />
      )}
      {open && !search.add && !editing && (
        <ProviderPanel
          key={open.id}
          provider={open}
          figures={figures.get(open.id)}
          onEdit={() => change({ edit: true })}
          onClose={() => change({ provider: undefined })}
        />
      )}
    </Page>
  );
}

function columns(figures: Map<string, Figures>): Column<Provider>[] {
  const none = <Missing why="No request went to it in the last 24 hours." />;
  const hint = "This gateway's own traffic in the last 24 hours";
  const measured = (
    id: string,
    header: string,
    unit: string,
    show: (of: Figures) => string | null,
  ): Column<Provider> => ({
    id,
    header,
    unit,
    hint,
    align: "right",
    width: "104px",
    wideOnly: true,
    cell: (provider) => {
      const own = figures.get(provider.id);
      return (own && show(own)) ?? none;
    },
  });
  return [
    {
      id: "name",
      header: "Provider",
      cell: ({ name, id }) => <NameAndId name={name} id={id} />,
    },
    { id: "state", header: "State", width: "130px", cell: (provider) => <State provider={provider} /> },
    {
      id: "credential",
      header: "Credential",
      width: "130px",
      cell: ({ credential }) => <Credential state={credential} />,
    },
    {
      id: "models",
      header: "Models",
      align: "right",
      width: "84px",
      cell: ({ models }) => fullCount(models),
    },
    {
      id: "retention",
      header: "Zero retention",
      width: "126px",
      cell: ({ data }) => (
        <span className={data.zero_retention ? "" : "dim"}>{grantedName(data.zero_retention)}</span>
      ),
    },
    {
      id: "place",
      header: "HQ",
      width: "56px",
      cell: ({ headquarters }) => headquarters ?? <Missing why="Not known." />,
    },
    measured("requests", "Requests", "24 h", ({ sums }) => shortCount(sums.requests)),
    measured("ttft", "TTFT", "p50", ({ first_token_ms: { p50 } }) => (p50 === null ? null : duration(p50))),
    measured("success", "OK", "24 h", ({ success }) => (success === null ? null : percent(success))),
  ];
}

const CREDENTIALS: Record<string, string> = { not_needed: "none needed", missing: "no key" };

function Credential({ state }: { state: string }) {
  return (
    <span className={state === "missing" ? "dim" : ""}>
      {CREDENTIALS[state] ?? sentence(state).toLowerCase()}
    </span>
  );
}

function Card({ provider, figures }: { provider: Provider; figures: Figures | undefined }) {
  return (
    <RowCard name={<NameAndId name={provider.name} id={provider.id} />} state={<State provider={provider} />}>
      {fullCount(provider.models)} models
      {figures && ` · ${shortCount(figures.sums.requests)} requests in 24 h`}
    </RowCard>
  );
}
