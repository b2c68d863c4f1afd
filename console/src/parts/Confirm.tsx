import { Button, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Actions, Stack } from "./Form";
import { ErrorState } from "./States";

interface Props<Done> {
  /** The question: `Revoke checkout?`. */
  title: string;
  /** What the button says that does it. */
  action: string;
  /** Whether it destroys something. */
  destroys?: boolean;
  /** What is said where it fails. */
  failed: string;
  run: () => Promise<Done>;
  onDone: (done: Done) => Promise<void> | void;
  onClose: () => void;
  /** What follows from it. */
  children: ReactNode;
}

/** Asks once more before something that cannot be taken back, and stays open where it fails. */
export function Confirm<Done>(props: Props<Done>) {
  const { title, action, destroys, failed, run, onDone, onClose, children } = props;
  const act = useMutation({ mutationFn: run, onSuccess: onDone });
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <p>{children}</p>
        {act.error && <ErrorState error={act.error} what={failed} />}
        <Actions>
          <Button {...(destroys && { color: "red" })} loading={act.isPending} onClick={() => act.mutate()}>
            {action}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Actions>
      </Stack>
    </Modal>
  );
}
