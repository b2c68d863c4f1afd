// How forms, and what stands like one, are laid out.

import type { ChangeEvent, ReactNode } from "react";
import classes from "./parts.module.css";

/** Fields below each other; what `onSubmit` does is all that submitting does. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** Fields and their button beside each other, as far as there is room. */
export function InlineForm({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={classes.actions}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** The same distance, where nothing is submitted. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={classes.stack}>{children}</div>;
}

/** Buttons in a row, with what they say of themselves. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={classes.actions}>{children}</div>;
}

/** What binds a field of text to the state that holds what is typed in it. */
export function typed(value: string, set: (typed: string) => void) {
  return { value, onChange: (event: ChangeEvent<HTMLInputElement>) => set(event.currentTarget.value) };
}
