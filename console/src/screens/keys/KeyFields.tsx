// What can be said of a key: the fields that making and changing one share.

import { Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ModelSummary, modelsQuery } from "~/api/catalogue";

export interface KeyDraft {
  name: string;
  models: string[];
  /** RFC 3339, or never. */
  expires: string | null;
}

const DAY_MS = 86_400_000;
const SPANS = [1, 7, 30, 90, 365];
/** More would make the menu slow; the rest is found by typing. */
const MOST_OFFERED = 50;

interface Props {
  draft: KeyDraft;
  onChange: (change: Partial<KeyDraft>) => void;
}

export function KeyFields({ draft, onChange }: Props) {
  const models = useQuery(modelsQuery).data ?? [];
  // What can be called now comes first.
  const callable = models.filter((model) => model.callable);
  const rest = models.filter((model) => !model.callable);
  return (
    <>
      <TextInput
        label="Name"
        description="What uses it: you will see it in the logs."
        required
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <TagsInput
        label="Models"
        description="None means all. author/* means every model of an author."
        placeholder={draft.models.length === 0 ? "all models" : ""}
        data={[...new Set([...offered(callable), ...offered(rest)])]}
        limit={MOST_OFFERED}
        value={draft.models}
        onChange={(chosen) => onChange({ models: chosen })}
      />
      <Expiry expires={draft.expires} onChange={(expires) => onChange({ expires })} />
    </>
  );
}

/** All models of each author, then the models. */
function offered(models: ModelSummary[]): string[] {
  return [...new Set(models.map(({ author }) => `${author}/*`)), ...models.map(({ id }) => id)];
}

function Expiry({
  expires,
  onChange,
}: {
  expires: string | null;
  onChange: (expires: string | null) => void;
}) {
  const spans = SPANS.map((days) => ({
    value: String(days),
    label: days === 1 ? "In one day" : `In ${days} days`,
  }));
  const kept = expires === null ? [] : [{ value: expires, label: new Date(expires).toLocaleString() }];
  return (
    <Select
      label="Ends"
      data={[{ value: "never", label: "Never" }, ...kept, ...spans]}
      value={expires ?? "never"}
      onChange={(value) => {
        const days = Number(value);
        if (value === "never") onChange(null);
        else if (days > 0) onChange(new Date(Date.now() + days * DAY_MS).toISOString());
      }}
    />
  );
}
