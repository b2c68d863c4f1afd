import { Link } from "@tanstack/react-router";
import type { ModelPage } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { contextSize } from "~/format/counts";
import { capabilityName, operationName } from "~/format/words";
import { Chip, Chips } from "~/parts/Chip";
import { CopyText } from "~/parts/Copy";
import { LinkButton } from "~/parts/LinkButton";
import { priceLine } from "./advice";
import { endsOn, providerNames } from "./derived";
import classes from "./Model.module.css";

/** What tells most about a model, as chips. */
const CHIPS = [
  "vision",
  "audio",
  "video",
  "files",
  "reasoning",
  "tools",
  "structured_output",
  "prompt_caching",
  "web_search",
];

export function Header({ page }: { page: ModelPage }) {
  const { model } = page;
  const nameOf = useNames();
  const can = model.capabilities as string[];
  return (
    <header className={classes.header}>
      <nav className={classes.crumbs} aria-label="Where this is">
        <Link to="/models">Models</Link>
        <span aria-hidden="true">/</span>
        <Link to="/models" search={{ author: [model.author] }}>
          {nameOf(model.author)}
        </Link>
      </nav>
      <div className={classes.titleRow}>
        <h1>{model.name}</h1>
        <CopyText value={model.id} label="model id" />
        <Availability page={page} />
        <div className={classes.titleSide}>
          <LinkButton to="/models" search={{ compare: [model.id] }} variant="default" size="xs">
            Compare
          </LinkButton>
          {model.operations.includes("chat") && (
            <LinkButton to="/simulator" search={{ pane: [model.id] }} size="xs">
              Open in simulator
            </LinkButton>
          )}
        </div>
      </div>
      <p className={classes.lead}>{lead(page)}</p>
      <Chips>
        {model.operations.map((operation) => (
          <Chip key={operation}>{operationName(operation)}</Chip>
        ))}
        {CHIPS.filter((word) => can.includes(word)).map((word) => (
          <Chip key={word}>{capabilityName(word)}</Chip>
        ))}
        {model.context !== null && (
          <Chip title="Context window, in tokens">{contextSize(model.context)}</Chip>
        )}
        {model.open_weights && <Chip>Open weights</Chip>}
      </Chips>
    </header>
  );
}

function Availability({ page }: { page: ModelPage }) {
  const ends = endsOn(page);
  return (
    <Chips>
      {page.model.callable ? (
        <Chip tone="good">Available now</Chip>
      ) : (
        <Chip tone="warn" title="Add a key of one of its providers to call it">
          No provider enabled
        </Chip>
      )}
      {ends && <Chip tone="bad">Deprecated, ends {ends}</Chip>}
    </Chips>
  );
}

/** What somebody wrote of it, then a line of facts. */
function lead(page: ModelPage): string {
  const names = providerNames(page);
  const facts = [
    page.model.released && `Released ${page.model.released}`,
    page.knowledge && `knowledge until ${page.knowledge}`,
    ...page.scores.map((score) => `${score.of} ${score.percent} % (${score.by}, ${score.date})`),
    priceLine(page),
    names.length === 1 ? `at one provider, ${names[0]}` : `at ${names.length} providers`,
  ].filter(Boolean);
  const line = facts.join(" · ");
  const sentence = `${line.charAt(0).toUpperCase()}${line.slice(1)}.`;
  return page.description ? `${page.description} ${sentence}` : sentence;
}
