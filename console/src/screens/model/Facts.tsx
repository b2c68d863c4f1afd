import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ModelPage } from "~/api/catalogue";
import { contextSize, fullCount } from "~/format/counts";
import { ALL_CAPABILITIES, capabilityName, operationName, sentence } from "~/format/words";
import { Chip, Chips } from "~/parts/Chip";
import { CopyText } from "~/parts/Copy";
import { Section } from "~/parts/Page";
import { toModel } from "~/urls/toModel";
import { endsOn, shareWith, spread } from "./derived";
import classes from "./Model.module.css";

/** What is known of the model itself; what is not known says so. */
export function QuickStats({ page }: { page: ModelPage }) {
  const { model } = page;
  const moderated = page.offerings.flatMap(({ moderated }) => moderated ?? []);
  const unknown = <span className="dim">not known</span>;
  return (
    <Section title="Quick stats">
      <dl className={classes.stats}>
        <Stat name="Context window">{range(page, "context") ?? unknown}</Stat>
        <Stat name="Max output">{range(page, "max_output") ?? unknown}</Stat>
        <Stat name="Mode">{model.operations.map(operationName).join(", ") || unknown}</Stat>
        <Stat name="Tokenizer">
          {page.tokenizer ? <span className="mono">{page.tokenizer}</span> : unknown}
        </Stat>
        <Stat name="Knowledge cut-off">{page.knowledge ?? unknown}</Stat>
        <Stat name="Released">{model.released ?? unknown}</Stat>
        <Stat name="Deprecated">{endsOn(page) ?? "no end is named"}</Stat>
        {page.replaced_by && (
          <Stat name="Replaced by">
            <Link {...toModel(page.replaced_by)}>{page.replaced_by}</Link>
          </Stat>
        )}
        <Stat name="Weights">
          {model.open_weights === null ? unknown : model.open_weights ? "open" : "not published"}
        </Stat>
        <Stat name="Moderated">
          {moderated.length === 0
            ? unknown
            : moderated.every(Boolean)
              ? "yes"
              : moderated.some(Boolean)
                ? "by some providers"
                : "no"}
        </Stat>
        {page.scores.map((score) => (
          <Stat key={score.of} name={sentence(score.of)}>
            {score.percent} % <Source score={score} />
          </Stat>
        ))}
        {model.aliases.length > 0 && (
          <Stat name="Also called">
            {model.aliases.map((alias) => (
              <CopyText key={alias} value={alias} />
            ))}
          </Stat>
        )}
      </dl>
    </Section>
  );
}

function Stat({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Source({ score }: { score: ModelPage["scores"][number] }) {
  const text = `${score.by}, ${score.date}`;
  return score.source.startsWith("https://") ? (
    <a href={score.source} target="_blank" rel="noreferrer" className="small">
      {text}
    </a>
  ) : (
    <span className="dim small" title={score.source}>
      {text}
    </span>
  );
}

function range(page: ModelPage, limit: "context" | "max_output"): string | null {
  const known = spread(page, limit);
  if (known === null) return null;
  const most = `${fullCount(known.most)} tokens`;
  return known.least === known.most ? most : `${most} (from ${contextSize(known.least)} at some providers)`;
}

/** What it can do and what goes in and out. */
export function Capabilities({ page }: { page: ModelPage }) {
  const { model } = page;
  const known = model.capabilities as string[];
  const has = ALL_CAPABILITIES.filter((word) => known.includes(word));
  const lacks = ALL_CAPABILITIES.filter((word) => !known.includes(word));
  const some = has.filter((word) => shareWith(page, word) < 1);
  return (
    <Section title="Capabilities and modalities">
      <dl className={classes.stats}>
        <Stat name="Can">
          {has.length === 0 && <span className="dim">not known</span>}
          <Chips>
            {has.map((word) => (
              <Chip key={word} title={some.includes(word) ? "At some providers" : "At every provider"}>
                {capabilityName(word)}
                {some.includes(word) && <span aria-hidden="true">*</span>}
              </Chip>
            ))}
          </Chips>
          {some.length > 0 && (
            <p className="dim small">* at some providers only; requests that need it go to those.</p>
          )}
        </Stat>
        <Stat name="Not stated">
          <span className="dim">{lacks.map(capabilityName).join(", ") || "nothing"}</span>
        </Stat>
        <Stat name="Input">
          <Kinds kinds={model.input} />
        </Stat>
        <Stat name="Output">
          <Kinds kinds={model.output} />
        </Stat>
      </dl>
    </Section>
  );
}

function Kinds({ kinds }: { kinds: string[] }) {
  if (kinds.length === 0) return <span className="dim">not known</span>;
  return (
    <Chips>
      {kinds.map((kind) => (
        <Chip key={kind}>{sentence(kind)}</Chip>
      ))}
    </Chips>
  );
}
