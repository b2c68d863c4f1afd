import { CloseButton, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Answer } from "~/api/ask";
import { modelQuery } from "~/api/catalogue";
import { fullCount, shortCount } from "~/format/counts";
import { duration } from "~/format/time";
import { Money } from "~/parts/Money";
import { ErrorState } from "~/parts/States";
import { toModel } from "~/urls/toModel";
import { Plan, PlanAhead } from "./Plan";
import classes from "./Simulator.module.css";
import { paneOf } from "./search";
import type { Run } from "./useRuns";

interface Props {
  spec: string;
  run: Run | undefined;
  /** What it would send; null while there is nothing to ask, or a field is not what it should be. */
  body: Record<string, unknown> | null;
  onChange: (spec: string) => void;
  /** Left out where it is the only pane, which stays. */
  onClose?: (() => void) | undefined;
}

/** One model's answer, with its figures and why it was served as it was. */
export function Pane({ spec, run, body, onChange, onClose }: Props) {
  const { model, provider } = paneOf(spec);
  const page = useQuery(modelQuery(model));
  const providers = page.data?.offerings.map((offering) => offering.provider) ?? [];
  const unique = providers.filter(({ id }, at) => providers.findIndex((one) => one.id === id) === at);
  return (
    <section className={classes.pane} aria-label={`Answer of ${model}`}>
      <header className={classes.paneHead}>
        <Link {...toModel(model)}>{page.data?.model.name ?? model}</Link>
        <Select
          size="xs"
          variant="unstyled"
          className={classes.provider}
          aria-label={`Provider for ${model}`}
          data={[
            { value: "", label: "any provider" },
            ...unique.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={provider ?? ""}
          onChange={(value) => onChange(value ? `${model}@${value}` : model)}
        />
        {onClose && <CloseButton size="sm" onClick={onClose} aria-label={`Close the pane of ${model}`} />}
      </header>
      <div className={classes.answer} aria-live="polite" aria-busy={run?.state === "running"}>
        {run ? <Shown run={run} /> : <p className="dim">Run to see the answer.</p>}
      </div>
      <Figures run={run} />
      {!run && body && <PlanAhead body={body} />}
      {run && run.state !== "running" && run.answer.requestId && <Plan id={run.answer.requestId} />}
    </section>
  );
}

function Shown({ run }: { run: Run }) {
  const { answer, state, error } = run;
  return (
    <>
      {answer.reasoning !== "" && (
        <details className={classes.reasoning} open={answer.text === ""}>
          <summary>Reasoning</summary>
          {answer.reasoning}
        </details>
      )}
      {answer.text !== "" && <div className={classes.text}>{answer.text}</div>}
      {answer.tools.map((tool, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls only grow at the end
        <pre key={at} className={classes.tool}>
          {tool.name}({tool.arguments})
        </pre>
      ))}
      {state === "running" && answer.text === "" && answer.reasoning === "" && (
        <p className="dim">Waiting …</p>
      )}
      {state === "stopped" && <p className="dim">Stopped. What was generated until then is billed.</p>}
      {answer.finish === "length" && <p className="dim">Cut off: it reached the most tokens of output.</p>}
      {error && <ErrorState error={error} what="No answer." />}
    </>
  );
}

function Figures({ run }: { run: Run | undefined }) {
  const answer = run?.answer;
  const usage = answer?.usage;
  const speed = answer && speedOf(answer);
  return (
    <dl className={classes.figures}>
      <div>
        <dt>TTFT</dt>
        <dd>{answer?.firstMs == null ? "–" : duration(answer.firstMs)}</dd>
      </div>
      <div>
        <dt>Speed</dt>
        <dd>{speed ? `${speed} tok/s` : "–"}</dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd
          title={
            usage
              ? `${fullCount(usage.input)} in, of which ${usage.cached} cached; ${fullCount(usage.output)} out`
              : undefined
          }
        >
          {usage ? `${shortCount(usage.input)} → ${shortCount(usage.output)}` : "–"}
        </dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd>{usage ? <Money usd={usage.costUsd} why="Unpriced: the offering has no price." /> : "–"}</dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{answer && answer.tookMs > 0 ? duration(answer.tookMs) : "–"}</dd>
      </div>
    </dl>
  );
}

/** Output tokens a second after the first content; null where too few came to say. */
function speedOf({ usage, firstMs, tookMs }: Answer): number | null {
  if (!usage || firstMs === null || usage.output < 10 || tookMs - firstMs < 1) return null;
  return Math.round((usage.output * 1000) / (tookMs - firstMs));
}
