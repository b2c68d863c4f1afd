import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { modelsQuery } from "~/api/catalogue";
import { Page } from "~/parts/Page";
import { COMMAND } from "~/shell/keys";
import { AddPane } from "./AddPane";
import { Input } from "./Input";
import { Pane } from "./Pane";
import { BadInput, requestOf } from "./request";
import classes from "./Simulator.module.css";
import { MOST_PANES, type SimulatorSearch } from "./search";
import { useRuns } from "./useRuns";

const route = getRouteApi("/shell/simulator");
/** Plans follow what is written after this pause. */
const PAUSE_MS = 500;
/** What a first visit begins with: two models that answer everywhere. */
const FIRST = ["simulator/echo", "simulator/reasoner"];

/** Which model? One input, several answers side by side. */
export default function Simulator() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const models = useQuery(modelsQuery).data ?? [];
  const [image, setImage] = useState<string | null>(null);
  const [bad, setBad] = useState<BadInput | null>(null);
  const { runs, run, stop, running } = useRuns();
  const panes = search.pane ?? FIRST;
  const asked = useDebouncedValue(search.prompt ? search : null, PAUSE_MS)[0];
  const change = (part: SimulatorSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });

  const start = () => {
    try {
      run(panes.map((spec) => requestOf(spec, search, image)));
      setBad(null);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      setBad(error);
    }
  };
  useCommandEnter(start);
  const setPanes = (next: string[]) => {
    stop();
    change({ pane: next });
  };
  return (
    <Page
      title="Simulator"
      note="One input, several answers side by side. Real requests, real cost."
      side={
        running ? (
          <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} />} onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={14} />}
            disabled={!search.prompt}
            onClick={start}
            title={`${COMMAND} Enter`}
          >
            Run
          </Button>
        )
      }
    >
      <Input search={search} image={image} bad={bad} onChange={change} onImage={setImage} />
      <div className={classes.bar}>
        {panes.length < MOST_PANES && (
          <AddPane models={models} onAdd={(spec) => setPanes([...panes, spec])} />
        )}
        <span className="dim small">
          All panes share the input; it stands in the address, but for the picture.
        </span>
      </div>
      <div className={classes.panes}>
        {panes.map((spec, at) => (
          <Pane
            // biome-ignore lint/suspicious/noArrayIndexKey: the same model may stand in two panes
            key={`${at} ${spec}`}
            spec={spec}
            run={runs[at]}
            body={asked && wouldSend(spec, asked)}
            alone={panes.length === 1}
            onChange={(next) => setPanes(panes.map((one, place) => (place === at ? next : one)))}
            onClose={() => setPanes(panes.filter((_, place) => place !== at))}
          />
        ))}
      </div>
    </Page>
  );
}

/** What a pane would send, as far as it can be said: its plan is asked for while somebody still writes. */
function wouldSend(spec: string, input: SimulatorSearch): Record<string, unknown> | null {
  try {
    return requestOf(spec, input, null);
  } catch {
    return null;
  }
}

function useCommandEnter(start: () => void) {
  const latest = useRef(start);
  useEffect(() => {
    latest.current = start;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) latest.current();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
