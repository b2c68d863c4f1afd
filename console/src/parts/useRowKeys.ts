import { useEffect, useRef, useState } from "react";
import { typing } from "~/shell/keys";

interface Rows {
  onMove: (index: number) => void;
  onOpen: (index: number) => void;
}

/** `j` and `k` move over the rows of the one table on a screen, Enter opens; answers which row is marked (-1: none). */
export function useRowKeys(count: number, rows: Rows): number {
  const [active, setActive] = useState(-1);
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (typing(event) || event.metaKey || event.ctrlKey || event.altKey || count === 0) return;
      if (event.key === "j" || event.key === "k") {
        const next = Math.max(0, Math.min(count - 1, active + (event.key === "j" ? 1 : -1)));
        // Enter is for the row from now on, and not for the link that led here.
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        setActive(next);
        latest.current.onMove(next);
      } else if (event.key === "Enter" && active >= 0 && event.target === document.body) {
        latest.current.onOpen(active);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [count, active]);
  return Math.min(active, count - 1);
}
