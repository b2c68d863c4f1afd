import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeKey, type Key, keysQuery, revokeKey, rotateKey } from "~/api/keys";
import { Chip } from "~/parts/Chip";
import { Confirm } from "~/parts/Confirm";
import { CopyText } from "~/parts/Copy";
import { Fact, Facts } from "~/parts/Facts";
import { Actions, Form } from "~/parts/Form";
import { LinkButton } from "~/parts/LinkButton";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { When } from "~/parts/When";
import { KeyFields } from "./KeyFields";
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
      <Actions>
        <LinkButton to="/logs" search={{ key: apiKey.id }} variant="default" size="xs">
          Its requests
        </LinkButton>
        <Grave apiKey={apiKey} onRotated={setRotated} />
      </Actions>
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
    <Form onSubmit={() => save.mutate()}>
      <KeyFields draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
      {save.error && <ErrorState error={save.error} what="The change was not saved." />}
      <Actions>
        <Button type="submit" size="xs" disabled={!changed} loading={save.isPending}>
          Save
        </Button>
        {save.isSuccess && !changed && (
          <span className="dim" role="status">
            Saved. It holds from the next request on.
          </span>
        )}
      </Actions>
    </Form>
  );
}

const OVERLAP_HOURS = 24;

/** What is done to a key only after a second question. */
function Grave({ apiKey, onRotated }: { apiKey: Key; onRotated: (secret: string) => void }) {
  const [asking, setAsking] = useState<"rotate" | "revoke" | null>(null);
  const saved = useSaved();
  const close = () => setAsking(null);
  const { name } = stateOf(apiKey, Date.now());
  return (
    <>
      {name === "Active" && (
        <Button variant="default" size="xs" onClick={() => setAsking("rotate")}>
          Rotate
        </Button>
      )}
      {name !== "Revoked" && (
        <Button variant="light" color="red" size="xs" onClick={() => setAsking("revoke")}>
          Revoke
        </Button>
      )}
      {asking === "rotate" && (
        <Confirm
          title={`Rotate ${apiKey.name}?`}
          action="Rotate"
          failed="The key was not rotated."
          run={() => rotateKey(apiKey.id, OVERLAP_HOURS)}
          onDone={async (made) => {
            close();
            onRotated(made.key);
            await saved();
          }}
          onClose={close}
        >
          A new key with the same rights is made. This one goes on working for {OVERLAP_HOURS} hours, so that
          applications can change over.
        </Confirm>
      )}
      {asking === "revoke" && (
        <Confirm
          title={`Revoke ${apiKey.name}?`}
          action="Revoke"
          destroys
          failed="The key was not revoked."
          run={() => revokeKey(apiKey.id)}
          onDone={async () => {
            close();
            await saved();
          }}
          onClose={close}
        >
          Requests with it are refused from now on. This cannot be taken back.
        </Confirm>
      )}
    </>
  );
}
