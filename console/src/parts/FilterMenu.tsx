import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./FilterMenu.module.css";

export interface Option {
  value: string;
  label: string;
  /** How many there are of it. */
  count?: number;
}

interface Props {
  label: string;
  options: Option[];
  chosen: string[];
  /** Whether one choice takes the place of the other. */
  single?: boolean;
  onChange: (chosen: string[] | undefined) => void;
}

/** Where a search in the options begins to help. */
const SEARCHED_FROM = 10;
/** More are reached by search only, so that the menu opens at once. */
const MOST_SHOWN = 60;

/** A button that says what is chosen, and opens the choice. */
export function FilterMenu({ label, options, chosen, single, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const first = options.find(({ value }) => value === chosen[0])?.label ?? chosen[0];
  const words = typed.trim().toLowerCase();
  const fitting = options.filter((option) => option.label.toLowerCase().includes(words));
  const toggle = (value: string) => {
    const next = chosen.includes(value)
      ? chosen.filter((one) => one !== value)
      : [...(single ? [] : chosen), value];
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <Popover position="bottom-start" trapFocus returnFocus onClose={() => setTyped("")}>
      <Popover.Target>
        <Button
          variant={chosen.length > 0 ? "light" : "default"}
          size="xs"
          rightSection={<IconChevronDown size={14} />}
          className={classes.button}
        >
          {chosen.length === 0
            ? label
            : `${label}: ${first}${chosen.length > 1 ? ` +${chosen.length - 1}` : ""}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={label}>
        {options.length >= SEARCHED_FROM && (
          <TextInput
            size="xs"
            placeholder={`Search ${options.length}`}
            aria-label={`Search in ${label}`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <div className={classes.options}>
          {fitting.slice(0, MOST_SHOWN).map(({ value, label: name, count }) => (
            <div key={value} className={classes.option}>
              <Checkbox
                size="xs"
                label={name}
                checked={chosen.includes(value)}
                onChange={() => toggle(value)}
              />
              {count !== undefined && <span className="dim small">{count}</span>}
            </div>
          ))}
          {fitting.length === 0 && <div className="dim small">Nothing has that name.</div>}
          {fitting.length > MOST_SHOWN && (
            <div className="dim small">{fitting.length - MOST_SHOWN} more: search for them.</div>
          )}
        </div>
        {chosen.length > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={() => onChange(undefined)}>
            Clear
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
