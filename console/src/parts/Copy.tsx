import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./parts.module.css";

/** Text that is copied by a click on it: ids, keys, names. */
export function CopyText({ value, label, children }: { value: string; label?: string; children?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const name = label ?? value;
  return (
    <button
      type="button"
      className={classes.copy}
      onClick={() => clipboard.copy(value)}
      aria-label={clipboard.copied ? `Copied ${name}` : `Copy ${name}`}
      title="Copy"
    >
      <span className={`${classes.copyText} mono`}>{children ?? value}</span>
      {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </button>
  );
}

/** A block of code with a button that copies it. */
export function CodeBlock({ code, label, shown }: { code: string; label: string; shown?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label} className={classes.codeText}>
        <pre>
          <code>{shown ?? code}</code>
        </pre>
      </section>
      <ActionIcon
        className={classes.codeCopy}
        variant="subtle"
        size="sm"
        color="gray"
        onClick={() => clipboard.copy(code)}
        aria-label={clipboard.copied ? `Copied: ${label}` : `Copy: ${label}`}
      >
        {clipboard.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      </ActionIcon>
    </div>
  );
}
