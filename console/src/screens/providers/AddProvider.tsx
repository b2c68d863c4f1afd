import { Button, Select, TagsInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { putProvider } from "~/api/providers";
import { DIALECTS } from "~/format/words";
import { Form, typed } from "~/parts/Form";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { useProvidersChanged } from "./useProvidersChanged";

const OFFERED = Object.entries(DIALECTS).map(([value, label]) => ({ value, label }));

/** A provider that the catalogue does not have: a vLLM next door, a reseller, a proxy. */
export function AddProvider({ onAdded, onClose }: { onAdded: (id: string) => void; onClose: () => void }) {
  const [id, setId] = useState("");
  const [address, setAddress] = useState("");
  const [dialect, setDialect] = useState("openai_chat");
  const [models, setModels] = useState<string[]>([]);
  const changed = useProvidersChanged();
  const add = useMutation({
    mutationFn: () =>
      putProvider(id, {
        enabled: true,
        base_url: address,
        speaks: [dialect],
        models: models.map((model) => ({ id: model })),
      }),
    onSuccess: async () => {
      await changed();
      onAdded(id);
    },
  });
  return (
    <SidePanel title="Add your own provider" onClose={onClose}>
      <Form onSubmit={() => add.mutate()}>
        <TextInput
          label="Id"
          description="Your name for it: lower case, digits, dashes. Its models may be asked for as id/model."
          placeholder="my-vllm"
          required
          {...typed(id, setId)}
        />
        <TextInput
          label="Address"
          description="The base URL, as its clients are given it; most end in /v1."
          placeholder="http://10.0.0.5:8000/v1"
          required
          {...typed(address, setAddress)}
        />
        <Select
          label="It speaks"
          data={OFFERED}
          value={dialect}
          onChange={(value) => value && setDialect(value)}
        />
        <TagsInput
          label="Models"
          description="As it names them; Enter after each."
          placeholder={models.length === 0 ? "llama-3.3-70b" : ""}
          value={models}
          onChange={setModels}
        />
        {add.error && <ErrorState error={add.error} what="The provider was not added." />}
        <Button type="submit" loading={add.isPending}>
          Add the provider
        </Button>
      </Form>
    </SidePanel>
  );
}
