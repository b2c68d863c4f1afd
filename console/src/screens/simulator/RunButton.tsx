import { Button } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { COMMAND } from "~/shell/keys";

interface Props {
  running: boolean;
  /** Whether there is something to ask. */
  ready: boolean;
  onRun: () => void;
  onStop: () => void;
}

/** Asks all panes, or stops them. */
export function RunButton({ running, ready, onRun, onStop }: Props) {
  return running ? (
    <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} />} onClick={onStop}>
      Stop
    </Button>
  ) : (
    <Button
      size="xs"
      leftSection={<IconPlayerPlay size={14} />}
      disabled={!ready}
      onClick={onRun}
      title={`${COMMAND} Enter`}
    >
      Run
    </Button>
  );
}
