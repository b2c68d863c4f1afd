import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useDeferredValue, useMemo } from "react";
import { type ModelSummary, modelsQuery } from "~/api/catalogue";
import { fullCount } from "~/format/counts";
import { DataTable } from "~/parts/DataTable";
import { LinkButton } from "~/parts/LinkButton";
import { Page } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import { toModel } from "~/urls/toModel";
import { useTyped } from "~/urls/useTyped";
import { choose, passes, startsDescending } from "./choose";
import { columns, ModelCard } from "./columns";
import { DidYouMean } from "./DidYouMean";
import { Filters } from "./Filters";
import classes from "./Models.module.css";
import { nearly } from "./nearly";
import { MOST_COMPARED, type ModelsSearch, SORTS } from "./search";

const route = getRouteApi("/shell/models");

/** Which model? Thousands of them, found by typing and filtering. */
export default function Models() {
  const models = useQuery(modelsQuery);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<ModelsSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const [typed, setTyped] = useTyped(search.q ?? "", (q) => change({ q: q || undefined }));
  const q = useDeferredValue(typed);
  const chosen = useMemo(
    () => choose(models.data ?? [], { ...search, q: q || undefined }),
    [models.data, search, q],
  );
  const { sort = q ? undefined : "released", reverse = false, compare = [] } = search;
  const resort = (by: string) => {
    const known = SORTS.find((one) => one === by);
    change({ sort: known, reverse: known === sort && !reverse ? true : undefined });
  };
  const toggle = (id: string) => {
    const next = compare.includes(id) ? compare.filter((one) => one !== id) : [...compare, id];
    change({ compare: next.length > 0 ? next.slice(0, MOST_COMPARED) : undefined });
  };
  // A column of dashes tells nothing.
  const scored = chosen.filter(({ intelligence }) => intelligence !== null).length;
  const withScores = sort === "intelligence" || scored * 10 > chosen.length;
  const open = (model: ModelSummary) => void navigate(toModel(model.id));
  return (
    <Page title="Models" note={models.data && <Count shown={chosen.length} all={models.data.length} />}>
      <TextInput
        type="search"
        placeholder="Search by name, id or author"
        aria-label="Search models"
        leftSection={<IconSearch size={16} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {models.data && (
        <Filters
          models={models.data}
          search={search}
          onChange={change}
          onClear={() =>
            void navigate({
              search: { q: search.q, sort: search.sort, compare: search.compare },
              replace: true,
            })
          }
        />
      )}
      {models.isPending && <LoadingRows rows={18} />}
      {models.error && (
        <ErrorState error={models.error} what="The catalogue could not be read." onRetry={models.refetch} />
      )}
      {models.data && chosen.length === 0 && <NothingFits models={models.data} search={search} typed={q} />}
      {chosen.length > 0 && (
        <DataTable
          label="Models"
          columns={columns(compare, toggle, withScores)}
          rows={chosen}
          rowKey={(model) => model.id}
          card={(model) => <ModelCard model={model} />}
          cardHeight={78}
          sorting={sort && { by: sort, descending: startsDescending(sort) !== reverse }}
          onSort={resort}
          onOpen={open}
        />
      )}
      {compare.length > 0 && (
        <div className={classes.compareBar}>
          {compare.length} of at most {MOST_COMPARED} chosen
          <LinkButton to="/compare" search={{ models: compare }} size="xs" disabled={compare.length < 2}>
            Compare
          </LinkButton>
          <Button size="xs" variant="subtle" onClick={() => change({ compare: undefined })}>
            Clear
          </Button>
        </div>
      )}
    </Page>
  );
}

function Count({ shown, all }: { shown: number; all: number }) {
  return <>{shown === all ? fullCount(all) : `${fullCount(shown)} of ${fullCount(all)}`}</>;
}

interface Sought {
  models: ModelSummary[];
  search: ModelsSearch;
  typed: string;
}

function NothingFits({ models, search, typed }: Sought) {
  const meant = useMemo(
    () =>
      nearly(
        models.filter((model) => passes(model, search)),
        typed,
      ),
    [models, search, typed],
  );
  return (
    <EmptyState
      title="No model fits all of this."
      action={
        <LinkButton to="/models" search={{ compare: search.compare }} variant="default" size="xs">
          Show all models
        </LinkButton>
      }
    >
      <DidYouMean models={meant} />
      Search for less, take a filter away, or add a provider that has the model you look for.
    </EmptyState>
  );
}
