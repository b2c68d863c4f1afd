import type { ModelPage, ModelSummary } from "~/api/catalogue";
import { Section } from "~/parts/Page";
import { goodFor, otherwise } from "./advice";
import classes from "./Model.module.css";

/** When to choose it and when not, as far as its data says. */
export function About({ page, all }: { page: ModelPage; all: ModelSummary[] }) {
  return (
    <Section id="about" title={`About ${page.model.name}`} note="Derived from the catalogue's data.">
      <div className={classes.halves}>
        <Reasons
          title="When to use it"
          lines={goodFor(page, all)}
          none="The catalogue holds nothing that sets it apart."
        />
        <Reasons
          title="Consider another when"
          lines={otherwise(page, all)}
          none="Nothing in its data speaks against it."
        />
      </div>
    </Section>
  );
}

function Reasons({ title, lines, none }: { title: string; lines: string[]; none: string }) {
  return (
    <div>
      <h3>{title}</h3>
      {lines.length === 0 ? (
        <p className="dim">{none}</p>
      ) : (
        <ul className={classes.reasons}>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
