import type { ReactNode } from "react";
import classes from "./parts.module.css";

export type Tone = "good" | "warn" | "bad";

/** A short word in a frame; coloured only where it is a state that means something. */
export function Chip({ tone, title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={tone ? `${classes.chip} ${classes[tone]}` : classes.chip} title={title}>
      {children}
    </span>
  );
}

export function Chips({ children }: { children: ReactNode }) {
  return <div className={classes.chips}>{children}</div>;
}
