import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { forgetKeys } from "~/api/knownKeys";

/** Once the session has ended: forgets what was read in it, and goes to the log-in. */
export function useLeave() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    queries.clear();
    forgetKeys();
    await navigate({ to: "/login" });
  };
}
