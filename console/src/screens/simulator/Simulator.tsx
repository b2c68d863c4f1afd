import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { modelsQuery } from "~/api/catalogue";
import { Page } from "~/parts/Page";
import { useTyped } from "~/urls/useTyped";
import { AddPane } from "./AddPane";
import { Input } from "./Input";
import { Pane } from "./Pane";
import { RunButton } from "./RunButton";
import classes from "./Simulator.module.css";
import { MOST_PANES, type SimulatorSearch } from "./search";
import { useAsking, wouldSend } from "./useAsking";

const route = getRouteApi("/shell/simulator");
/** Plans follow what is written after this pause. */
const PAUSE_MS = 500;
/** What a first visit begins with: two models that answer everywhere. */
const FIRST = ["simulator/echo", "simulator/reasoner"];

/** Which model? One input, several answers side by side. */
export default function Simulator() {
  const { pane: panes = FIRST, ...said } = route.useSearch();
  const navigate = route.useNavigate();
  const models = useQuery(modelsQuery).data ?? [];
  const change = (part: SimulatorSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const [input, setInput] = useTyped(said, change);
  const { image, setImage, bad, runs, start, stop, running } = useAsking(panes, input);
  const asked = useDebouncedValue(input.prompt ? input : null, PAUSE_MS)[0];
  useCommandEnter(start);
  const setPanes = (next: string[]) => {
    stop();
    change({ pane: next });
  };
  return (
    <Page
      title="Simulator"
      note="One input, several answers side by side. Real requests, real cost."
      side={<RunButton running={running} ready={Boolean(input.prompt)} onRun={start} onStop={stop} />}
    >
      <Input
        input={input}
        image={image}
        bad={bad}
        onChange={(part) => setInput({ ...input, ...part })}
        onImage={setImage}
      />
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
            onChange={(next) => setPanes(panes.map((one, place) => (place === at ? next : one)))}
            onClose={panes.length > 1 ? () => setPanes(panes.filter((_, place) => place !== at)) : undefined}
          />
        ))}
      </div>
    </Page>
  );
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
