import { Link } from "@tanstack/react-router";
import type { ModelPage, ModelSummary } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { OutputPrice, PriceOf } from "~/parts/Money";
import { Section } from "~/parts/Page";
import { toModel } from "~/urls/toModel";
import { likeness } from "./likeness";
import classes from "./Model.module.css";

const SHOWN = 6;

export function MoreByAuthor({ page }: { page: ModelPage }) {
  const author = useNames()(page.model.author);
  const others = page.by_author.slice(0, SHOWN);
  const seeAll = (
    <Link to="/models" search={{ author: [page.model.author] }}>
      All
    </Link>
  );
  return (
    <Section title={`More by ${author}`} side={seeAll}>
      {others.length === 0 && <p className="dim">The catalogue has no other model by {author}.</p>}
      <ul className={classes.related}>
        {others.map((one) => (
          <Related key={one.id} model={one} note={one.released ? `Released ${one.released}` : one.id} />
        ))}
      </ul>
    </Section>
  );
}

export function SimilarModels({ page }: { page: ModelPage }) {
  return (
    <Section title="Similar models" note="By abilities, price and context.">
      {page.similar.length === 0 && <p className="dim">Nothing in the catalogue is like it.</p>}
      <ul className={classes.related}>
        {page.similar.slice(0, SHOWN).map((one) => (
          <Related key={one.model.id} model={one.model} note={likeness(one)} />
        ))}
      </ul>
    </Section>
  );
}

function Related({ model, note }: { model: ModelSummary; note: string }) {
  return (
    <li>
      <Link {...toModel(model.id)}>{model.name}</Link>
      <span className={classes.relatedPrice}>
        <PriceOf usd={model.price?.input} /> in, <OutputPrice price={model.price} /> out
      </span>
      <span className="dim small">{note}</span>
    </li>
  );
}
