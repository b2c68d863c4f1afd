/** Whether a key press belongs to a field that is being written in, or to an open dialog. */
export function typing(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest("input, textarea, select, [role=dialog], [role=listbox]") !== null
  );
}

/** ⌘ or Ctrl, as this machine has it. */
export const COMMAND = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
