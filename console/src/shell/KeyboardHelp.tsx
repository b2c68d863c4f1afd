import { Kbd, Modal } from "@mantine/core";
import classes from "./KeyboardHelp.module.css";
import { COMMAND } from "./keys";
import { PAGES } from "./pages";

const KEYS: [string[], string][] = [
  [[COMMAND, "K"], "Find models, keys, requests, screens"],
  [["/"], "Search on this screen"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["Enter"], "Open the row"],
  [["Esc"], "Close what is open"],
  [[COMMAND, "Enter"], "Run, in the simulator"],
  [["?"], "This list"],
];

export default function KeyboardHelp({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard" size="md">
      <dl className={classes.keys}>
        {KEYS.map(([keys, what]) => (
          <Row key={what} keys={keys} what={what} />
        ))}
        {PAGES.map(({ key, name }) => (
          <Row key={name} keys={["g", key]} what={`Go to ${name}`} />
        ))}
      </dl>
    </Modal>
  );
}

function Row({ keys, what }: { keys: string[]; what: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}
