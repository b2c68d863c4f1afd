import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { LinkButton } from "~/parts/LinkButton";
import { Section } from "~/parts/Page";
import { Input } from "./Input";
import { Pane } from "./Pane";
import { RunButton } from "./RunButton";
import classes from "./Simulator.module.css";
import type { SimulatorInput } from "./search";
import { useAsking, wouldSend } from "./useAsking";

const PAUSE_MS = 500;

/** The simulator in place, with one model; what is written goes along to the whole of it. */
export default function TryIt({ model, callable }: { model: string; callable: boolean }) {
  const [input, setInput] = useState<SimulatorInput>({});
  const [spec, setSpec] = useState(model);
  const { image, setImage, bad, runs, start, stop, running } = useAsking([spec], input);
  const asked = useDebouncedValue(input.prompt ? input : null, PAUSE_MS)[0];
  return (
    <Section
      id="try"
      title="Try it"
      note="A real request, at its real cost."
      side={
        <div className={classes.bar}>
          <LinkButton to="/simulator" search={{ pane: [spec], ...input }} variant="default" size="xs">
            Beside other models
          </LinkButton>
          <RunButton running={running} ready={Boolean(input.prompt)} onRun={start} onStop={stop} />
        </div>
      }
    >
      {!callable && (
        <p className="dim">
          No provider that has it is enabled yet: <Link to="/providers">give one of them a key</Link>, and it
          answers here.
        </p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the key is for the fields inside */}
      <div
        className={classes.inPlace}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) start();
        }}
      >
        <Input
          input={input}
          image={image}
          bad={bad}
          onChange={(part) => setInput({ ...input, ...part })}
          onImage={setImage}
        />
        <Pane spec={spec} run={runs[0]} body={asked && wouldSend(spec, asked)} onChange={setSpec} />
      </div>
    </Section>
  );
}
