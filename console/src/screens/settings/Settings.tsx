import { Button, PasswordInput, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/client";
import { changePassword, logOutEverywhere, sessionQuery } from "~/api/session";
import { zoneName } from "~/format/time";
import { Confirm } from "~/parts/Confirm";
import { Fact, Facts } from "~/parts/Facts";
import { Actions, Form, typed } from "~/parts/Form";
import { Page, Section } from "~/parts/Page";
import { When } from "~/parts/When";
import { fieldError } from "~/screens/entry/Entry";
import { useLeave } from "~/shell/useLeave";
import { useScheme } from "~/shell/useScheme";
import classes from "./Settings.module.css";
import { Tokens } from "./Tokens";

/** One's own account, tokens for programs, and what this gateway is. */
export default function Settings() {
  const session = useQuery(sessionQuery).data;
  return (
    <Page title="Settings">
      <div className={classes.sections}>
        <Section title="Account">
          {session?.user && (
            <Facts>
              <Fact name="Name">{session.user.name}</Fact>
              <Fact name="E-mail">{session.user.email}</Fact>
              <Fact name="Role">{session.user.role}</Fact>
              {session.expires_at && (
                <Fact name="Session ends">
                  <When at={session.expires_at} />
                </Fact>
              )}
            </Facts>
          )}
          <Password />
          <Everywhere />
        </Section>
        <Section title="Appearance">
          <Scheme />
          <p className="dim small">
            Times are shown in your browser's time zone, {zoneName()}; the exact moment on hover.
          </p>
        </Section>
        <Tokens />
        <Section title="Gateway">
          <Facts>
            <Fact name="Version">{session?.version}</Fact>
            <Fact name="Admin API">
              <a href="/admin/v1/openapi.json">/admin/v1/openapi.json</a>
            </Fact>
            <Fact name="Metrics">
              <a href="/metrics">/metrics</a>
            </Fact>
          </Facts>
          <p className="dim small">
            What tollgate.toml declares is read-only here. <code>tollgate doctor</code> on the server checks
            the installation.
          </p>
        </Section>
      </div>
    </Page>
  );
}

/** The gateway does not say which of the two was wrong, as at the log-in; here only one is asked for. */
function ofCurrent(error: Error | null): string | undefined {
  const wrong = error instanceof ApiError && error.status === 401;
  return wrong ? "This is not your password." : error?.message;
}

function Scheme() {
  const { colorScheme, setColorScheme } = useScheme();
  return (
    <div>
      <SegmentedControl
        size="xs"
        aria-label="Colours"
        data={[
          { value: "auto", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
      />
    </div>
  );
}

function Password() {
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      setCurrent("");
      setNext("");
    },
  });
  const ofNext = fieldError(change.error, "new_password");
  return (
    <div className={classes.password}>
      <Form onSubmit={() => change.mutate()}>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          {...typed(current, setCurrent)}
          error={ofNext ? undefined : ofCurrent(change.error)}
        />
        <PasswordInput
          label="New password"
          description="At least 12 characters. All your other sessions end."
          autoComplete="new-password"
          required
          minLength={12}
          {...typed(next, setNext)}
          error={ofNext}
        />
        <Actions>
          <Button type="submit" size="xs" variant="default" loading={change.isPending}>
            Change the password
          </Button>
          {change.isSuccess && <span role="status">Changed.</span>}
        </Actions>
      </Form>
    </div>
  );
}

/** For who has left a session open somewhere, and may not reach it. */
function Everywhere() {
  const [asking, setAsking] = useState(false);
  const leave = useLeave();
  return (
    <div className={classes.everywhere}>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Log out everywhere
      </Button>
      <span className="dim small">Ends all your sessions, this one too.</span>
      {asking && (
        <Confirm
          title="Log out everywhere?"
          action="Log out everywhere"
          destroys
          failed="You were not logged out."
          run={logOutEverywhere}
          onDone={leave}
          onClose={() => setAsking(false)}
        >
          All your sessions end at once, in this browser too: you log in again with your password. Keys and
          management tokens go on working.
        </Confirm>
      )}
    </div>
  );
}
