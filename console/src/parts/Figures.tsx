// The figures that people look for first, in one frame.

import type { ReactNode } from "react";
import classes from "./parts.module.css";

export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}

/** A figure with its unit, window or sample size below it. */
export function Figure({ name, note, children }: { name: string; note: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={classes.figure}>{children}</dd>
      <dd className="dim small">{note}</dd>
    </div>
  );
}

/** A figure by itself, as large as those in a frame. */
export function LoneFigure({ children }: { children: ReactNode }) {
  return <span className={classes.figure}>{children}</span>;
}
