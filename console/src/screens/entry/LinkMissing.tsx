import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { sessionQuery } from "~/api/session";
import { CodeBlock } from "~/parts/Copy";
import { useTitle } from "~/parts/Page";
import { Brand } from "./Entry";
import classes from "./Entry.module.css";

/** Stands where somebody comes without the one-time link, or with half of it. */
export function LinkMissing() {
  useTitle("Link needed");
  const session = useQuery(sessionQuery).data;
  return (
    <main className={classes.entry}>
      <div className={classes.box}>
        <Brand />
        <h1>This page needs its link</h1>
        <p className="dim">
          The gateway prints a link when it starts for the first time; it works once, for an hour. On the
          server, this prints another:
        </p>
        <CodeBlock code="tollgate owner link" label="Command that prints a link" />
        {session?.owner_exists && (
          <p className="dim small">
            Whoever has an account: <Link to="/login">log in</Link>.
          </p>
        )}
      </div>
    </main>
  );
}
