import { useState } from "react";

/** What follows `#` in a one-time link: it stays in the browser, since fragments are sent to nobody. */
export function useLinkToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  return token;
}
