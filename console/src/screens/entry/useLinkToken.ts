import { useEffect, useState } from "react";

const inAddress = () => window.location.hash.slice(1);

/**
 * What follows `#` in a one-time link: it stays in the browser, since fragments are sent to nobody. The link may be opened
 * where the page stands already without it: only the fragment changes then, and nothing is loaded anew.
 */
export function useLinkToken(): string {
  const [token, setToken] = useState(inAddress);
  useEffect(() => {
    const look = () => setToken((old) => inAddress() || old);
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  return token;
}
