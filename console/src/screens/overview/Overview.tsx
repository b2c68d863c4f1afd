import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { flowQuery, performanceQuery, WINDOW_NAMES, WINDOWS, type Window } from "~/api/performance";
import { unpricedQuery } from "~/api/usage";
import { LinkButton } from "~/parts/LinkButton";
import { Page } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import { Answers } from "./Answers";
import classes from "./Overview.module.css";
import { Top } from "./Top";

const Charts = lazy(() => import("./Charts"));
const route = getRouteApi("/shell/");

/** What did we spend, and is anything broken? */
export default function Overview() {
  const { window = "24h", by = "model" } = route.useSearch();
  const navigate = route.useNavigate();
  const flow = useQuery(flowQuery(window, by));
  const { from = "", until = "" } = flow.data?.traffic ?? {};
  const unpriced = useQuery({ ...unpricedQuery(by, from, until), enabled: from !== "" }).data;
  const all = useQuery(performanceQuery({ window, by: "all" }));
  const figures = all.data?.groups[0]?.figures;
  const empty = flow.data?.traffic.total.sums.requests === 0;
  return (
    <Page
      title="Overview"
      note={`In ${WINDOW_NAMES[window]}`}
      side={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Split by"
            data={[
              { value: "model", label: "By model" },
              { value: "provider", label: "By provider" },
            ]}
            value={by}
            onChange={(value) =>
              void navigate({
                search: (old) => ({ ...old, by: value as "model" | "provider" }),
                replace: true,
              })
            }
          />
          <SegmentedControl
            size="xs"
            aria-label="Window"
            data={[...WINDOWS]}
            value={window}
            onChange={(value) =>
              void navigate({ search: (old) => ({ ...old, window: value as Window }), replace: true })
            }
          />
        </>
      }
    >
      {flow.isPending && <LoadingRows rows={8} height={60} />}
      {flow.error && (
        <ErrorState error={flow.error} what="The figures could not be read." onRetry={flow.refetch} />
      )}
      {empty && (
        <EmptyState
          title={`Nothing went through in ${WINDOW_NAMES[window]}.`}
          action={
            <LinkButton to="/start" size="xs">
              Send a request
            </LinkButton>
          }
        >
          Spend, requests, failures and latency appear here with the first request.
        </EmptyState>
      )}
      {flow.data && !empty && (
        <>
          <Answers flow={flow.data} unpriced={unpriced} figures={figures} window={window} />
          <Suspense fallback={<div className={classes.charts} />}>
            <Charts flow={flow.data} window={window} />
          </Suspense>
          <Top flow={flow.data} unpriced={unpriced} by={by} />
        </>
      )}
    </Page>
  );
}
