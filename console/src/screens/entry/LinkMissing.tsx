import { CodeBlock } from "~/parts/Copy";
import { useTitle } from "~/parts/Page";
import classes from "./Entry.module.css";

/** Stands where somebody comes without the one-time link, or with half of it. */
export function LinkMissing() {
  useTitle("Link needed");
  return (
    <main className={classes.entry}>
      <div className={classes.box}>
        <h1>This page needs its link</h1>
        <p className="dim">
          The gateway prints a link when it starts for the first time; it works once, for an hour. On the
          server, this prints another:
        </p>
        <CodeBlock code="tollgate owner link" label="Command that prints a link" />
      </div>
    </main>
  );
}
