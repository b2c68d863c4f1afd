// How things are named in lists.

import type { ReactNode } from "react";
import classes from "./parts.module.css";

/** A name, and what tells it from others. */
export function NameAndId({ name, id }: { name: string; id: string }) {
  return (
    <>
      <strong className={classes.name}>{name}</strong> <span className="mono dim small">{id}</span>
    </>
  );
}

/** A row of a list on a phone: its name, its state, a line of what else matters. */
export function RowCard({
  name,
  state,
  children,
}: {
  name: ReactNode;
  state: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={classes.rowCard}>
      <div className={classes.rowCardName}>{name}</div>
      {state}
      <div className="dim small">{children}</div>
    </div>
  );
}

/** A dot that is filled where something can be called; what it means is heard and seen on hover. */
export function Dot({ on, means }: { on: boolean; means: string }) {
  return <span className={classes.dot} data-on={on} role="img" aria-label={means} title={means} />;
}
