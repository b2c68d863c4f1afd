import { Button, SegmentedControl } from "@mantine/core";
import { CodeBlock } from "~/parts/Copy";
import { KeyPicker, useKeyForSamples } from "./KeyPicker";
import classes from "./Snippets.module.css";
import {
  type Door,
  doorsFor,
  LANGUAGE_NAMES,
  type Language,
  languagesOf,
  type Operation,
  steps,
} from "./snippets";

interface Props {
  operation: Operation;
  model: string;
  /** The model of the third step. */
  other: string;
  door: string | undefined;
  language: Language | undefined;
  onChange: (change: { door?: string; lang?: Language }) => void;
}

/** Install, first call, another model: in the language and protocol of choice, with one's own key. */
export function Snippets({ operation, model, other, door: wanted, language: spoken, onChange }: Props) {
  const origin = window.location.origin;
  const key = useKeyForSamples();
  const doors = doorsFor(operation);
  const door = doors.find(({ id }) => id === wanted) ?? (doors[0] as Door);
  const languages = languagesOf(door, operation, origin);
  const language = languages.find((one) => one === spoken) ?? languages[0];
  const sample = language && door.samples[operation]?.[language];
  return (
    <div className={classes.samples}>
      <div className={classes.controls}>
        <fieldset className={classes.doors}>
          <legend className="visually-hidden">Client protocol</legend>
          {doors.map(({ id, name }) => (
            <Button
              key={id}
              size="xs"
              variant={id === door.id ? "light" : "default"}
              aria-pressed={id === door.id}
              onClick={() => onChange({ door: id })}
            >
              {name}
            </Button>
          ))}
        </fieldset>
        {languages.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Language"
            data={languages.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
            value={language ?? ""}
            onChange={(value) => onChange({ lang: value as Language })}
          />
        )}
        <KeyPicker />
      </div>
      <p className="dim">
        Base URL <code>{`${origin}${door.base}`}</code>
        {door.note && ` · ${door.note}`}
      </p>
      {sample && language && (
        <ol className={classes.steps}>
          {steps(sample, { origin, model, key: key.secret }, other).map(({ title, code }) => (
            <li key={title}>
              <h3>{title}</h3>
              <CodeBlock
                code={code}
                shown={code.replaceAll(key.secret, key.shown)}
                label={`${title}: ${LANGUAGE_NAMES[language]}`}
              />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
