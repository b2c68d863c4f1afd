import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { useKeyNames } from "~/api/names";
import {
  momentOf,
  PAGE,
  type RequestFilter,
  type RequestList,
  type RequestRecord,
  requestsQuery,
} from "~/api/requests";
import { fullCount } from "~/format/counts";
import { minute } from "~/format/time";
import { DataTable } from "~/parts/DataTable";
import { LinkButton } from "~/parts/LinkButton";
import { Page } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import { columns, RequestCard } from "./columns";
import { Filters } from "./Filters";
import { RequestPanel } from "./RequestPanel";
import { filterOf, type LogsSearch } from "./search";
import { useLive } from "./useLive";

const route = getRouteApi("/shell/logs");

/** What happened? Every request, refused ones too, newest first. */
export default function Logs() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const nameOfKey = useKeyNames();
  const shown = useMemo(() => columns(nameOfKey), [nameOfKey]);
  // The span is counted from when it was chosen, so that pages fit together.
  const [opened, setOpened] = useState(Date.now);
  const filter = useMemo(() => filterOf(search, opened), [search, opened]);
  const listed = useInfiniteQuery(requestsQuery(filter));
  const live = useLive(search.live ?? false, filter, useFirstPage(filter));
  const rows = useMemo(
    () => together(live.arrived, listed.data?.pages.flatMap((page) => page.requests) ?? []),
    [live.arrived, listed.data],
  );
  const change = (part: LogsSearch) => {
    if (part.request === undefined) setOpened(Date.now());
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  };
  const clear = () => void navigate({ search: { live: search.live }, replace: true });
  const open = (request: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, request }), replace: true, resetScroll: false });
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = listed;
  // What was refused is asked for again by who reads, and not by itself for ever.
  const mayGoOn = hasNextPage && !isFetchNextPageError;
  const more = mayGoOn && !isFetchingNextPage ? fetchNextPage : undefined;
  const searching = mayGoOn && (isFetchingNextPage || rows.length === 0);
  const reached = searching ? reachedBy(listed.data?.pages.at(-1)) : null;
  // Without a row no table asks for more.
  useEffect(() => {
    if (rows.length === 0) void more?.();
  }, [rows.length, more]);
  return (
    <Page
      title="Logs"
      note={listed.data && <Count rows={rows.length} more={hasNextPage} reached={reached} />}
      side={
        <Button
          size="xs"
          variant={search.live ? "light" : "default"}
          aria-pressed={search.live === true}
          leftSection={search.live ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
          onClick={() => change({ live: !search.live })}
        >
          {FOLLOWING[live.state]}
        </Button>
      }
    >
      <Filters search={search} onChange={change} onClear={clear} />
      {live.state === "refused" && (
        <p role="alert">
          The gateway lets no more pages follow than it does now. The list below stands still.
        </p>
      )}
      {live.missed > 0 && (
        <p className="dim">{fullCount(live.missed)} came too fast to be shown here; the list has them.</p>
      )}
      {listed.isPending && <LoadingRows rows={16} />}
      {listed.error && (
        <ErrorState error={listed.error} what="The logs could not be read." onRetry={listed.refetch} />
      )}
      {listed.data && !hasNextPage && rows.length === 0 && (
        <Nothing filtered={Object.keys(filter).length > 0} onClear={clear} />
      )}
      {mayGoOn && rows.length === 0 && <LoadingRows rows={16} />}
      {rows.length > 0 && (
        <DataTable
          label="Requests"
          columns={shown}
          rows={rows}
          rowKey={({ id }) => id}
          card={(request) => <RequestCard request={request} />}
          cardHeight={84}
          openKey={search.request}
          onOpen={({ id }) => open(id)}
          onEnd={more}
        />
      )}
      {search.request && (
        <RequestPanel key={search.request} id={search.request} onClose={() => open(undefined)} />
      )}
    </Page>
  );
}

const FOLLOWING = {
  off: "Follow live",
  connecting: "Connecting …",
  following: "Following live",
  refused: "Not following",
};

/** Reads the newest page anew; older ones are read again when they are scrolled to. */
function useFirstPage(filter: RequestFilter): () => void {
  const queries = useQueryClient();
  return () => {
    const { queryKey } = requestsQuery(filter);
    queries.setQueryData(queryKey, (old) =>
      old ? { pages: old.pages.slice(0, 1), pageParams: old.pageParams.slice(0, 1) } : old,
    );
    void queries.invalidateQueries({ queryKey });
  };
}

/** How far back a search has come whose last page is not full: what fits is rare, and it goes on. */
function reachedBy(last: RequestList | undefined): number | null {
  return last?.next_before && last.requests.length < PAGE ? momentOf(last.next_before) : null;
}

function Count({ rows, more, reached }: { rows: number; more: boolean; reached: number | null }) {
  const counted = `${fullCount(rows)} ${rows === 1 ? "request" : "requests"}`;
  if (reached !== null) return <>{`${counted} so far, searching before ${minute(reached)} …`}</>;
  return <>{more ? `${fullCount(rows)} and more requests` : counted}</>;
}

/** What came live may be listed too, once the list is read again. */
function together(live: RequestRecord[], listed: RequestRecord[]): RequestRecord[] {
  const known = new Set(live.map(({ id }) => id));
  return [...live, ...listed.filter(({ id }) => !known.has(id))];
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return filtered ? (
    <EmptyState
      title="No request fits these filters."
      action={
        <Button size="xs" variant="default" onClick={onClear}>
          Show all requests
        </Button>
      }
    >
      Take a filter away, or choose a longer time.
    </EmptyState>
  ) : (
    <EmptyState
      title="No request yet."
      action={
        <LinkButton to="/start" size="xs">
          Send the first
        </LinkButton>
      }
    >
      Every request with a valid key leaves one record here: who asked, which provider answered, how long it
      took, what it cost.
    </EmptyState>
  );
}
