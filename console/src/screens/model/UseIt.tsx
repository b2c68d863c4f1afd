import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ModelPage, ModelSummary } from "~/api/catalogue";
import { Section } from "~/parts/Page";
import { Snippets } from "~/snippets/Snippets";
import type { Operation } from "~/snippets/snippets";
import classes from "./Model.module.css";

const route = getRouteApi("/shell/models/$author/$");

/** Code that calls the model, for every door that there is. */
export function UseIt({ page, all }: { page: ModelPage; all: ModelSummary[] }) {
  const { door, lang } = route.useSearch();
  const navigate = route.useNavigate();
  const other = useMemo(() => another(page, all), [page, all]);
  const operation = operationOf(page);
  return (
    <Section id="use" title="Use it" note="Change the base URL and the key, keep your client.">
      {operation === null ? (
        <p className="dim">What this model does has no door at this gateway yet.</p>
      ) : (
        <>
          <Snippets
            operation={operation}
            model={page.model.id}
            other={other}
            door={door}
            language={lang}
            onChange={(change) =>
              void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false })
            }
          />
          <Doors page={page} />
        </>
      )}
    </Section>
  );
}

function operationOf({ model }: ModelPage): Operation | null {
  const operations: Operation[] = ["chat", "embed"];
  return operations.find((one) => model.operations.includes(one)) ?? null;
}

/** Where clients may ask it. */
function Doors({ page }: { page: ModelPage }) {
  return (
    <details className={classes.doors}>
      <summary>All {page.doors.length} paths that reach it</summary>
      <ul>
        {page.doors.map(({ method, path, native }) => (
          <li key={path}>
            <code>
              {method} {path}
            </code>
            <span className="dim small">
              {native ? "passes byte for byte at some providers" : "translated"}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How long an answer the samples ask for, in tokens; guards and the like give less. */
const ASKED = 1024;

/**
 * The model of the third step: one that can be called, if there is one, and one like this if there is. Rather this one again,
 * as before the list of all has come, than one that nobody can call.
 */
function another({ model, similar, by_author }: ModelPage, all: ModelSummary[]): string {
  const fits = (one: ModelSummary) =>
    one.id !== model.id &&
    one.operations.some((operation) => model.operations.includes(operation)) &&
    (one.max_output === null || one.max_output >= ASKED || one.operations.includes("embed"));
  const candidates = [...similar.map((one) => one.model), ...by_author, ...all].filter(fits);
  const callable = [...candidates, model].find((one) => one.callable);
  return (callable ?? candidates[0] ?? model).id;
}
