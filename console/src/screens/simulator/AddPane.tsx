import { Select } from "@mantine/core";
import { useMemo } from "react";
import type { ModelSummary } from "~/api/catalogue";

/** A menu of all models would be slow to open; the rest is found by typing. */
const MOST_OFFERED = 40;

/** Chooses a model for another pane; those that can be called come first. */
export function AddPane({ models, onAdd }: { models: ModelSummary[]; onAdd: (spec: string) => void }) {
  const groups = useMemo(() => {
    const chats = models.filter(({ operations }) => operations.includes("chat"));
    const items = (callable: boolean) =>
      chats.filter((model) => model.callable === callable).map(({ id }) => id);
    return [
      { group: "Can be called now", items: items(true) },
      { group: "No provider enabled", items: items(false) },
    ];
  }, [models]);
  return (
    <Select
      size="xs"
      placeholder="Add a model"
      aria-label="Add a model"
      searchable
      limit={MOST_OFFERED}
      nothingFoundMessage="No model is called that."
      data={groups}
      value={null}
      onChange={(model) => model && onAdd(model)}
    />
  );
}
