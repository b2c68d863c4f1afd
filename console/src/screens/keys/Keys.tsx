import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type Key, keysQuery, projectsQuery } from "~/api/keys";
import { Chip } from "~/parts/Chip";
import { DataTable } from "~/parts/DataTable";
import { NameAndId, RowCard } from "~/parts/Names";
import { Page, Section } from "~/parts/Page";
import { EmptyState, ErrorState, LoadingRows } from "~/parts/States";
import type { Column } from "~/parts/tableHead";
import { When } from "~/parts/When";
import { KeyPanel } from "./KeyPanel";
import { MakeKey } from "./MakeKey";
import { Projects } from "./Projects";
import type { KeysSearch } from "./search";
import { hasEnded, stateOf } from "./state";

const route = getRouteApi("/shell/keys");

/** Who may call, with which models, until when. */
export default function Keys() {
  const keys = useQuery(keysQuery);
  const projects = useQuery(projectsQuery).data ?? [];
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: KeysSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const all = keys.data ?? [];
  const now = Date.now();
  const ofProject = all.filter((key) => !search.project || key.project === search.project);
  const shown = ofProject.filter((key) => search.ended || !hasEnded(key, now)).reverse();
  const ended = ofProject.filter((key) => hasEnded(key, now)).length;
  const open = all.find(({ id }) => id === search.key);
  return (
    <Page
      title="Projects and keys"
      side={
        <Button
          size="xs"
          leftSection={<IconPlus size={15} />}
          onClick={() => change({ make: true, key: undefined })}
        >
          Make a key
        </Button>
      }
    >
      <Projects
        projects={projects}
        keys={all}
        chosen={search.project}
        onChoose={(project) => change({ project })}
      />
      <Section
        title="Keys"
        side={
          ended > 0 && (
            <Button
              size="xs"
              variant={search.ended ? "light" : "default"}
              onClick={() => change({ ended: !search.ended })}
            >
              {search.ended ? "Hide" : "Show"} {ended} ended
            </Button>
          )
        }
      >
        {keys.isPending && <LoadingRows rows={5} />}
        {keys.error && (
          <ErrorState error={keys.error} what="The keys could not be read." onRetry={keys.refetch} />
        )}
        {keys.data && shown.length === 0 && (
          <EmptyState
            title="No keys here."
            action={
              <Button size="xs" onClick={() => change({ make: true })}>
                Make a key
              </Button>
            }
          >
            Applications authenticate with keys. Each belongs to a project, may be limited to some models, and
            ends when you say.
          </EmptyState>
        )}
        {shown.length > 0 && (
          <DataTable
            label="Keys"
            columns={COLUMNS}
            rows={shown}
            rowKey={({ id }) => id}
            card={(key) => <Card apiKey={key} />}
            openKey={search.key}
            onOpen={({ id }) => change({ key: id, make: undefined })}
          />
        )}
      </Section>
      {search.make && <MakeKey project={search.project} onClose={() => change({ make: undefined })} />}
      {open && !search.make && (
        <KeyPanel key={open.id} apiKey={open} onClose={() => change({ key: undefined })} />
      )}
    </Page>
  );
}

const COLUMNS: Column<Key>[] = [
  {
    id: "name",
    header: "Name",
    cell: (key) => <NameAndId name={key.name} id={`${key.prefix}…`} />,
  },
  { id: "project", header: "Project", width: "170px", cell: (key) => key.project_name },
  {
    id: "models",
    header: "Models",
    width: "200px",
    cell: ({ allowed_models: models }) =>
      models.length === 0 ? (
        <span className="dim">all</span>
      ) : (
        <span title={models.join(", ")}>{models.join(", ")}</span>
      ),
  },
  { id: "state", header: "State", width: "100px", cell: (key) => <State apiKey={key} /> },
  {
    id: "created",
    header: "Made",
    align: "right",
    width: "110px",
    cell: (key) => <When at={key.created_at} />,
  },
  {
    id: "expires",
    header: "Ends",
    align: "right",
    width: "110px",
    cell: ({ expires_at }) => (expires_at ? <When at={expires_at} /> : <span className="dim">never</span>),
  },
];

function State({ apiKey }: { apiKey: Key }) {
  const { name, tone } = stateOf(apiKey, Date.now());
  return <Chip {...(tone && { tone })}>{name}</Chip>;
}

function Card({ apiKey }: { apiKey: Key }) {
  const { name, prefix } = apiKey;
  return (
    <RowCard name={<NameAndId name={name} id={`${prefix}…`} />} state={<State apiKey={apiKey} />}>
      {apiKey.project_name} ·{" "}
      {apiKey.allowed_models.length === 0 ? "all models" : apiKey.allowed_models.join(", ")}
    </RowCard>
  );
}
