import { CloseButton } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import classes from "./SidePanel.module.css";

/** A detail beside its list, which stays usable; Esc closes it. */
export function SidePanel({
  title,
  heading = title,
  onClose,
  children,
}: {
  /** What it is, in words. */
  title: string;
  /** How that is shown, where not as it is. */
  heading?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !somethingAbove(event)) close.current();
    };
    // Before the menu that is open closes itself.
    window.addEventListener("keydown", pressed, { capture: true });
    return () => {
      window.removeEventListener("keydown", pressed, { capture: true });
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside ref={panel} tabIndex={-1} className={classes.panel} aria-label={title}>
      <div className={classes.head}>
        <h2>{heading}</h2>
        <CloseButton className={classes.close} onClick={onClose} aria-label="Close" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={classes.body} tabIndex={0}>
        {children}
      </div>
    </aside>
  );
}

/** Whether a menu or a dialog is open over the panel, which the key is for. */
function somethingAbove({ target }: KeyboardEvent): boolean {
  const menu = target instanceof HTMLElement && target.getAttribute("aria-expanded") === "true";
  return menu || document.querySelector("[role=dialog], [role=menu]") !== null;
}
