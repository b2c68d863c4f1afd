import { PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { resetPassword, sessionQuery } from "~/api/session";
import { typed } from "~/parts/Form";
import { Entry, fieldError } from "./Entry";
import { LinkMissing } from "./LinkMissing";
import { useLinkToken } from "./useLinkToken";

/** Where the link of `tollgate owner link` leads: it sets a new password. */
export default function Reset() {
  const token = useLinkToken();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => resetPassword({ token, password }),
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: "/" });
    },
  });
  if (token === "") return <LinkMissing />;
  return (
    <Entry
      title="Set a new password"
      note="All other sessions of yours end."
      action="Set the password"
      busy={reset.isPending}
      error={reset.error}
      fields={["password"]}
      onSubmit={() => reset.mutate()}
    >
      <PasswordInput
        label="New password"
        description="At least 12 characters."
        autoComplete="new-password"
        required
        minLength={12}
        autoFocus
        {...typed(password, setPassword)}
        error={fieldError(reset.error, "password")}
      />
    </Entry>
  );
}
