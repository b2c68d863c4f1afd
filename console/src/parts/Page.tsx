import { type ReactNode, useEffect } from "react";
import classes from "./parts.module.css";

/** A screen: its title, what can be done on it, its content. */
export function Page({
  title,
  note,
  side,
  children,
}: {
  title: string;
  note?: ReactNode;
  side?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.pageHead}>
        <h1>{title}</h1>
        {note && <span className="dim">{note}</span>}
        {side && <div className={classes.pageSide}>{side}</div>}
      </header>
      {children}
    </div>
  );
}

/** The name in the browser's tab. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Tollgate`;
  }, [title]);
}

/** A part of a screen under a heading, which the address can name. */
export function Section(props: {
  id?: string;
  title: string;
  note?: ReactNode;
  side?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section id={props.id} className={classes.section} aria-label={props.title}>
      <div className={classes.sectionHead}>
        <h2>{props.title}</h2>
        {props.note && <span className={classes.sectionNote}>{props.note}</span>}
        {props.side && <div className={classes.sectionSide}>{props.side}</div>}
      </div>
      {props.children}
    </section>
  );
}
