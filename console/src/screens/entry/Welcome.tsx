import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { makeOwner, sessionQuery } from "~/api/session";
import { typed } from "~/parts/Form";
import { Entry, fieldError } from "./Entry";
import { LinkMissing } from "./LinkMissing";
import { useLinkToken } from "./useLinkToken";

/** Where the one-time link of the first start leads: it makes the owner. */
export default function Welcome() {
  const token = useLinkToken();
  const session = useQuery(sessionQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const owner = useMutation({
    mutationFn: () => makeOwner({ token, name, email, password }),
    onSuccess: async (made) => {
      queries.setQueryData(sessionQuery.queryKey, made);
      await navigate({ to: "/start" });
    },
  });
  if (session.data?.owner_exists && owner.isIdle) return <Navigate to="/login" />;
  if (token === "") return <LinkMissing />;
  return (
    <Entry
      title="Welcome"
      note="You are the first here. Make the account that owns this gateway."
      action="Make the account"
      busy={owner.isPending}
      error={owner.error}
      fields={["name", "email", "password"]}
      onSubmit={() => owner.mutate()}
    >
      <TextInput
        label="Name"
        autoComplete="name"
        required
        autoFocus
        {...typed(name, setName)}
        error={fieldError(owner.error, "name")}
      />
      <TextInput
        label="E-mail address"
        description="You log in with it. Nothing is sent to it."
        type="email"
        autoComplete="username"
        required
        {...typed(email, setEmail)}
        error={fieldError(owner.error, "email")}
      />
      <PasswordInput
        label="Password"
        description="At least 12 characters."
        autoComplete="new-password"
        required
        minLength={12}
        {...typed(password, setPassword)}
        error={fieldError(owner.error, "password")}
      />
    </Entry>
  );
}
