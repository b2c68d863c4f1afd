import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeKey, type Key, keysQuery, revokeKey, rotateKey } from "~/api/keys";
import { Chip } from "~/parts/Chip";
import { CopyText } from "~/parts/Copy";
import { Fact, Facts } from "~/parts/Facts";
import { LinkButton } from "~/parts/LinkButton";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import { KeyFields } from "./KeyFields";
import classes from "./Keys.module.css";
import { ShownOnce } from "./ShownOnce";
import { stateOf } from "./state";

/** One key: what it may do, and changing, rotating and revoking it. */
export function KeyPanel({ apiKey, onClose }: { apiKey: Key; onClose: () => void }) {
  const { name, tone } = stateOf(apiKey, Date.now());
  const [rotated, setRotated] = useState<string | null>(null);
  return (
    <SidePanel title={`Key ${apiKey.name}`} onClose={onClose}>
      {rotated !== null && <ShownOnce secret={rotated} onClose={onClose} />}
      <Facts>
        <Fact name="State">
          <Chip {...(tone && { tone })}>{name}</Chip>
          {apiKey.revoked_at && <When at={apiKey.revoked_at} />}
        </Fact>
        <Fact name="Secret">
          <span className="mono">{apiKey.prefix}…</span> <span className="dim">only its hash is kept</span>
        </Fact>
        <Fact name="Id">
          <CopyText value={apiKey.id} />
        </Fact>
        <Fact name="Project">{apiKey.project_name}</Fact>
        <Fact name="Made">
          <When at={apiKey.created_at} />
        </Fact>
      </Facts>
      <div className={classes.actions}>
        <LinkButton to="/logs" search={{ key: apiKey.id }} variant="default" size="xs">
          Its requests
        </LinkButton>
        {name === "Active" && <Rotate apiKey={apiKey} onRotated={setRotated} />}
        {name !== "Revoked" && <Revoke apiKey={apiKey} />}
      </div>
      {name !== "Revoked" && <Change apiKey={apiKey} />}
    </SidePanel>
  );
}

function useSaved() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: keysQuery.queryKey });
}

function Change({ apiKey }: { apiKey: Key }) {
  const [draft, setDraft] = useState({
    name: apiKey.name,
    models: apiKey.allowed_models,
    expires: apiKey.expires_at,
  });
  const saved = useSaved();
  const save = useMutation({
    mutationFn: () =>
      changeKey(apiKey.id, { name: draft.name, allowed_models: draft.models, expires_at: draft.expires }),
    onSuccess: saved,
  });
  const changed =
    draft.name !== apiKey.name ||
    draft.expires !== apiKey.expires_at ||
    draft.models.join() !== apiKey.allowed_models.join();
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <KeyFields draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
      {save.error && <ErrorState error={save.error} what="The change was not saved." />}
      <div className={classes.actions}>
        <Button type="submit" size="xs" disabled={!changed} loading={save.isPending}>
          Save
        </Button>
        {save.isSuccess && !changed && (
          <span className="dim" role="status">
            Saved. It holds from the next request on.
          </span>
        )}
      </div>
    </form>
  );
}

const OVERLAP_HOURS = 24;

function Rotate({ apiKey, onRotated }: { apiKey: Key; onRotated: (secret: string) => void }) {
  const [asking, setAsking] = useState(false);
  const saved = useSaved();
  const rotate = useMutation({
    mutationFn: () => rotateKey(apiKey, OVERLAP_HOURS),
    onSuccess: async (made) => {
      setAsking(false);
      onRotated(made.key);
      await saved();
    },
  });
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setAsking(true)}>
        Rotate
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Rotate ${apiKey.name}?`}>
        <div className={classes.form}>
          <p>
            A new key with the same rights is made. This one goes on working for {OVERLAP_HOURS} hours, so
            that applications can change over.
          </p>
          {rotate.error && <ErrorState error={rotate.error} what="The key was not rotated." />}
          <div className={classes.actions}>
            <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
              Rotate
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}

function Revoke({ apiKey }: { apiKey: Key }) {
  const [asking, setAsking] = useState(false);
  const saved = useSaved();
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSuccess: async () => {
      setAsking(false);
      await saved();
    },
  });
  return (
    <>
      <Button variant="light" color="red" size="xs" onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Revoke ${apiKey.name}?`}>
        <div className={classes.form}>
          <p>Requests with it are refused from now on. This cannot be taken back.</p>
          {revoke.error && <ErrorState error={revoke.error} what="The key was not revoked." />}
          <div className={classes.actions}>
            <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
              Revoke
            </Button>
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
