import { Autocomplete, Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type CreatedKey, createKey, keysQuery, projectsQuery } from "~/api/keys";
import { Form } from "~/parts/Form";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { KeyFields } from "./KeyFields";
import { ShownOnce } from "./ShownOnce";

/** The form for a new key, then its secret. */
export function MakeKey({ project, onClose }: { project: string | undefined; onClose: () => void }) {
  const projects = useQuery(projectsQuery).data ?? [];
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<string | null>(null);
  const [draft, setDraft] = useState({ name: "", models: [] as string[], expires: null as string | null });
  const chosen = projects.find(({ id }) => id === project)?.name ?? projects[0]?.name ?? "";
  const into = wanted ?? chosen;
  const make = useMutation<CreatedKey>({
    mutationFn: () =>
      createKey({ project: into, name: draft.name, allowed_models: draft.models, expires_at: draft.expires }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keysQuery.queryKey });
      await queries.invalidateQueries({ queryKey: projectsQuery.queryKey });
    },
  });
  if (make.data) {
    return (
      <SidePanel title={`Key ${make.data.name}`} onClose={onClose}>
        <ShownOnce secret={make.data.key} onClose={onClose} />
      </SidePanel>
    );
  }
  return (
    <SidePanel title="Make a key" onClose={onClose}>
      <Form onSubmit={() => make.mutate()}>
        <Autocomplete
          label="Project"
          description="A new name makes a new project."
          required
          data={projects.map(({ name }) => name)}
          value={into}
          onChange={setWanted}
        />
        <KeyFields draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
        {make.error && <ErrorState error={make.error} what="The key was not made." />}
        <Button type="submit" loading={make.isPending}>
          Make the key
        </Button>
      </Form>
    </SidePanel>
  );
}
