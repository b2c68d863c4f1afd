// What the pages before the console share: a box with a form, and what its fields are told by the gateway.

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError } from "~/api/client";
import { saying } from "~/format/words";
import { useTitle } from "~/parts/Page";
import { BASE } from "~/urls/base";
import classes from "./Entry.module.css";

interface Props {
  title: string;
  note?: ReactNode;
  /** What is said below the button. */
  foot?: ReactNode;
  /** What the button says. */
  action: string;
  busy: boolean;
  error: Error | null;
  /** Fields that show their errors themselves. */
  fields: string[];
  onSubmit: () => void;
  children: ReactNode;
}

export function Entry({ title, note, foot, action, busy, error, fields, onSubmit, children }: Props) {
  useTitle(title);
  return (
    <main className={classes.entry}>
      <form
        className={classes.box}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Brand />
        <h1>{title}</h1>
        {note && <p className="dim">{note}</p>}
        {children}
        {error && !fields.some((field) => fieldError(error, field)) && (
          <p role="alert" className={classes.error}>
            {saying(error.message)}
          </p>
        )}
        <Button type="submit" loading={busy}>
          {action}
        </Button>
        {foot && <p className="dim small">{foot}</p>}
      </form>
    </main>
  );
}

export function Brand() {
  return (
    <div className={classes.brand}>
      <img src={`${BASE}/icon.svg`} alt="" />
      Tollgate
    </div>
  );
}

/** What the gateway says of a field; undefined where the error is not about it. */
export function fieldError(error: Error | null, field: string): string | undefined {
  return error instanceof ApiError && error.field === field ? saying(error.message) : undefined;
}
