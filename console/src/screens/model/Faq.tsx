import type { ModelPage } from "~/api/catalogue";
import { useNames } from "~/api/names";
import { Section } from "~/parts/Page";
import classes from "./Model.module.css";
import { questions } from "./questions";

export function Faq({ page }: { page: ModelPage }) {
  const author = useNames()(page.model.author);
  return (
    <Section id="faq" title="Frequently asked">
      <dl className={classes.faq}>
        {questions(page, author).map(({ question, answer }) => (
          <div key={question}>
            <dt>{question}</dt>
            <dd>{answer}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
