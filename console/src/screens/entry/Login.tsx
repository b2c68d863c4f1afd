import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { logIn, sessionQuery } from "~/api/session";
import { typed } from "~/parts/Form";
import { BASE } from "~/urls/base";
import { Entry } from "./Entry";

const route = getRouteApi("/login");

export default function Login() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const session = useQuery(sessionQuery);
  const login = useMutation({
    mutationFn: () => logIn(email, password),
    onSuccess: (begun) => queries.setQueryData(sessionQuery.queryKey, begun),
  });
  const loggedIn = session.data?.user != null;
  useEffect(() => {
    if (loggedIn) router.history.replace(`${BASE}${next ?? "/"}`);
  }, [loggedIn, router, next]);
  return (
    <Entry
      title="Log in"
      foot={
        <>
          Forgotten? <code>tollgate owner link</code> on the server prints a link that sets a new password.
        </>
      }
      action="Log in"
      busy={login.isPending}
      error={login.error}
      fields={[]}
      onSubmit={() => login.mutate()}
    >
      <TextInput
        label="E-mail address"
        type="email"
        autoComplete="username"
        required
        autoFocus
        {...typed(email, setEmail)}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        required
        {...typed(password, setPassword)}
      />
    </Entry>
  );
}
