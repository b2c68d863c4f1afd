// What can be said of a key: the fields that making and changing one share.

import { Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "~/api/catalogue";

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
  const authors = [...new Set(models.map(({ author }) => author))].sort();
  const names = [...models.filter(({ callable }) => callable), ...models.filter(({ callable }) => !callable)];
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
        data={[...authors.map((author) => `${author}/*`), ...names.map(({ id }) => id)]}
        limit={MOST_OFFERED}
        value={draft.models}
        onChange={(chosen) => onChange({ models: chosen })}
      />
      <Expiry expires={draft.expires} onChange={(expires) => onChange({ expires })} />
    </>
  );
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
