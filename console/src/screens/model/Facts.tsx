import { Link } from "@tanstack/react-router";
import type { ModelPage } from "~/api/catalogue";
import { contextSize, fullCount } from "~/format/counts";
import { ALL_CAPABILITIES, capabilityName, operationName, sentence } from "~/format/words";
import { Chip, Chips } from "~/parts/Chip";
import { CopyText } from "~/parts/Copy";
import { Fact, Facts } from "~/parts/Facts";
import { Section } from "~/parts/Page";
import { toModel } from "~/urls/toModel";
import { endsOn, shareWith, spread } from "./derived";

/** What is known of the model itself; what is not known says so. */
export function QuickStats({ page }: { page: ModelPage }) {
  const { model } = page;
  const moderated = page.offerings.flatMap(({ moderated }) => moderated ?? []);
  const unknown = <span className="dim">not known</span>;
  return (
    <Section title="Quick stats">
      <Facts>
        <Fact name="Context window">{range(page, "context") ?? unknown}</Fact>
        <Fact name="Max output">{range(page, "max_output") ?? unknown}</Fact>
        <Fact name="Mode">{model.operations.map(operationName).join(", ") || unknown}</Fact>
        <Fact name="Tokenizer">
          {page.tokenizer ? <span className="mono">{page.tokenizer}</span> : unknown}
        </Fact>
        <Fact name="Knowledge cut-off">{page.knowledge ?? unknown}</Fact>
        <Fact name="Released">{model.released ?? unknown}</Fact>
        <Fact name="Deprecated">{endsOn(page) ?? "no end is named"}</Fact>
        {page.replaced_by && (
          <Fact name="Replaced by">
            <Link {...toModel(page.replaced_by)}>{page.replaced_by}</Link>
          </Fact>
        )}
        <Fact name="Weights">
          {model.open_weights === null ? unknown : model.open_weights ? "open" : "not published"}
        </Fact>
        <Fact name="Moderated">
          {moderated.length === 0
            ? unknown
            : moderated.every(Boolean)
              ? "yes"
              : moderated.some(Boolean)
                ? "by some providers"
                : "no"}
        </Fact>
        {page.scores.map((score) => (
          <Fact key={score.of} name={sentence(score.of)}>
            {score.percent} % <Source score={score} />
          </Fact>
        ))}
        {model.aliases.length > 0 && (
          <Fact name="Also called">
            {model.aliases.map((alias) => (
              <CopyText key={alias} value={alias} />
            ))}
          </Fact>
        )}
      </Facts>
    </Section>
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
      <Facts>
        <Fact name="Can">
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
        </Fact>
        <Fact name="Not stated">
          <span className="dim">{lacks.map(capabilityName).join(", ") || "nothing"}</span>
        </Fact>
        <Fact name="Input">
          <Kinds kinds={model.input} />
        </Fact>
        <Fact name="Output">
          <Kinds kinds={model.output} />
        </Fact>
      </Facts>
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
