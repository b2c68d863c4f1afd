import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { modelQuery, modelsQuery, type ModelPage as Page } from "~/api/catalogue";
import { ApiError } from "~/api/client";
import { LinkButton } from "~/parts/LinkButton";
import { Page as Screen, useTitle } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import { DidYouMean } from "~/screens/models/DidYouMean";
import { nearly } from "~/screens/models/nearly";
import { toModel } from "~/urls/toModel";
import { About } from "./About";
import { Capabilities, QuickStats } from "./Facts";
import { Faq } from "./Faq";
import { Header } from "./Header";
import classes from "./Model.module.css";
import { Parameters } from "./Parameters";
import { Performance } from "./Performance";
import { Pricing } from "./Pricing";
import { Providers } from "./Providers";
import { MoreByAuthor, SimilarModels } from "./Related";
import { Strip } from "./Strip";
import { UseIt } from "./UseIt";

const TryIt = lazy(() => import("~/screens/simulator/TryIt"));
const route = getRouteApi("/shell/models/$author/$");

/** Everything that is known of one model, and how to call it. */
export default function ModelPage() {
  const id = useModelId();
  const model = useQuery(modelQuery(id));
  useTitle(model.data?.model.name ?? id);
  if (model.error instanceof ApiError && model.error.status === 404) return <NoModel id={id} />;
  if (model.error) {
    return (
      <ErrorState error={model.error} what={`There is nothing to show for ${id}.`} onRetry={model.refetch} />
    );
  }
  if (!model.data) return <LoadingRows rows={14} height={48} />;
  return <Loaded page={model.data} />;
}

function NoModel({ id }: { id: string }) {
  const name = id.split("/").at(-1);
  const models = useQuery(modelsQuery).data;
  const meant = useMemo(() => nearly(models ?? [], id), [models, id]);
  return (
    <Screen title="No such model">
      <EmptyState
        title={`The catalogue has no ${id}.`}
        action={
          <LinkButton to="/models" search={{ q: name }} variant="default" size="xs">
            Search for {name}
          </LinkButton>
        }
      >
        <DidYouMean models={meant} />
        It may have another name, or come from a provider that is yet to be added.
      </EmptyState>
    </Screen>
  );
}

const SECTIONS = [
  ["providers", "Providers"],
  ["performance", "Performance"],
  ["facts", "Facts"],
  ["parameters", "Parameters"],
  ["pricing", "Pricing"],
  ["use", "Use it"],
  ["try", "Try it"],
  ["about", "About"],
  ["faq", "FAQ"],
  ["similar", "Similar"],
] as const;

function useModelId(): string {
  const { author, _splat } = route.useParams();
  return `${author}/${_splat}`;
}

function Loaded({ page }: { page: Page }) {
  const all = useQuery(modelsQuery).data ?? [];
  const chats = page.model.operations.includes("chat");
  return (
    <article className={classes.page}>
      <Header page={page} />
      <Strip page={page} />
      <nav className={classes.anchors} aria-label="On this page">
        {SECTIONS.filter(([hash]) => hash !== "try" || chats).map(([hash, name]) => (
          <Link key={hash} {...toModel(page.model.id)} search={(old) => old} hash={hash} replace>
            {name}
          </Link>
        ))}
      </nav>
      <Providers page={page} />
      <Performance page={page} />
      <div className={classes.halves} id="facts">
        <QuickStats page={page} />
        <Capabilities page={page} />
      </div>
      <div className={classes.halves}>
        <Parameters page={page} />
        <Pricing page={page} />
      </div>
      <UseIt page={page} all={all} />
      {chats && (
        <Suspense fallback={<div className={classes.tryIt} />}>
          <TryIt key={page.model.id} model={page.model.id} callable={page.model.callable} />
        </Suspense>
      )}
      <About page={page} all={all} />
      <Faq page={page} />
      <div className={classes.halves} id="similar">
        <MoreByAuthor page={page} />
        <SimilarModels page={page} />
      </div>
    </article>
  );
}
