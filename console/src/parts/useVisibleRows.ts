import { type RefObject, useCallback, useEffect, useState } from "react";

export interface Visible {
  /** The first row to draw. */
  from: number;
  /** The first that need not be drawn any more. */
  to: number;
  /** Brings a row into view. */
  reveal: (index: number) => void;
}

/** Rows that are drawn above and below what is in view, so that fast scrolling shows no gap. */
const SPARE = 12;

/** Which rows of equal height are in view, in a list that scrolls with the page and begins where `frame` does. */
export function useVisibleRows(frame: RefObject<HTMLElement | null>, count: number, height: number): Visible {
  const [range, setRange] = useState({ from: 0, to: Math.ceil(window.innerHeight / height) + SPARE });
  useEffect(() => {
    const look = () => {
      const top = frame.current?.getBoundingClientRect().top ?? 0;
      const first = Math.floor(-top / height);
      const from = Math.max(0, first - SPARE);
      const to = Math.max(0, first + Math.ceil(window.innerHeight / height) + SPARE);
      setRange((old) => (old.from === from && old.to === to ? old : { from, to }));
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [frame, height]);
  const reveal = useCallback(
    (index: number) => {
      const top = (frame.current?.getBoundingClientRect().top ?? 0) + index * height;
      // Two rows of distance, so that the header and the next row stay in view.
      const margin = 2 * height;
      if (top < margin) window.scrollBy({ top: top - margin });
      else if (top + height > window.innerHeight - margin)
        window.scrollBy({ top: top + height + margin - window.innerHeight });
    },
    [frame, height],
  );
  return { from: Math.min(range.from, Math.max(0, count - 1)), to: Math.min(range.to, count), reveal };
}
