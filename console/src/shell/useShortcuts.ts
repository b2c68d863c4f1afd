import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { typing } from "./keys";
import { PAGES } from "./pages";

/** What opens over a screen. */
export type Dialog = "palette" | "help";

/** How long after `g` the letter of a screen may come. */
const GO_MS = 1200;

/** Keys that work on every screen: ⌘K, `?`, `/`, and `g` with the letter of a screen. */
export function useShortcuts(open: (dialog: Dialog) => void) {
  const navigate = useNavigate();
  useEffect(() => {
    let went = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
        return;
      }
      if (typing(event) || event.metaKey || event.ctrlKey || event.altKey) return;
      const page = event.timeStamp - went < GO_MS ? PAGES.find(({ key }) => key === event.key) : undefined;
      went = event.key === "g" ? event.timeStamp : 0;
      if (page) {
        void navigate({ to: page.to });
      } else if (event.key === "?") {
        open("help");
      } else if (event.key === "/") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("main input[type=search]")?.focus();
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [navigate, open]);
}
