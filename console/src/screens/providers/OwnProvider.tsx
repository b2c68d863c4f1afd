import { Button, Checkbox, MultiSelect, TagsInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type Provider, putProvider } from "~/api/providers";
import { DIALECTS } from "~/format/words";
import { Form, typed } from "~/parts/Form";
import { SidePanel } from "~/parts/SidePanel";
import { ErrorState } from "~/parts/States";
import { ModelPrices } from "./ModelPrices";
import { useProvidersChanged } from "./useProvidersChanged";

const OFFERED = Object.entries(DIALECTS).map(([value, label]) => ({ value, label }));

interface Props {
  /** The one to be changed, where it is not a new one. */
  provider?: Provider;
  onSaved: (id: string) => void;
  onClose: () => void;
}

/** A provider that the catalogue does not have: a vLLM next door, a reseller, a proxy. It is made, and changed later. */
export function OwnProvider({ provider, onSaved, onClose }: Props) {
  const said = provider?.said;
  const [id, setId] = useState(provider?.id ?? "");
  const [address, setAddress] = useState(said?.base_url ?? "");
  const [dialects, setDialects] = useState(said?.speaks ?? ["openai_chat"]);
  const [models, setModels] = useState(said?.models ?? []);
  const [enabled, setEnabled] = useState(said?.enabled ?? true);
  const changed = useProvidersChanged();
  const save = useMutation({
    mutationFn: () =>
      putProvider(id, {
        enabled,
        base_url: address,
        speaks: dialects,
        models,
      }),
    onSuccess: async () => {
      await changed();
      onSaved(id);
    },
  });
  return (
    <SidePanel title={provider ? `Change ${provider.name}` : "Add your own provider"} onClose={onClose}>
      <Form onSubmit={() => save.mutate()}>
        {!provider && (
          <TextInput
            label="Id"
            description="Your name for it: lower case, digits, dashes. Its models may be asked for as id/model."
            placeholder="my-vllm"
            required
            {...typed(id, setId)}
          />
        )}
        <TextInput
          label="Address"
          description="The base URL, as its clients are given it; most end in /v1."
          placeholder="http://10.0.0.5:8000/v1"
          required
          {...typed(address, setAddress)}
        />
        <MultiSelect
          label="It speaks"
          description="Of several, the preferred one first."
          data={OFFERED}
          value={dialects}
          onChange={setDialects}
        />
        <TagsInput
          label="Models"
          description="As it names them; Enter after each."
          placeholder={models.length === 0 ? "llama-3.3-70b" : ""}
          value={models.map((model) => model.id)}
          // What was said besides its name of a model that stays, stays too: limits, abilities.
          onChange={(names) =>
            setModels(names.map((name) => models.find((model) => model.id === name) ?? { id: name }))
          }
        />
        <ModelPrices models={models} onChange={setModels} />
        {provider && (
          <Checkbox
            label="Requests may go to it"
            checked={enabled}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
        )}
        {provider && provider.credentials.length > 0 && <p className="dim">Its keys stay as they are.</p>}
        {save.error && (
          <ErrorState
            error={save.error}
            what={provider ? "The provider was not changed." : "The provider was not added."}
          />
        )}
        <Button type="submit" loading={save.isPending}>
          {provider ? "Save" : "Add the provider"}
        </Button>
      </Form>
    </SidePanel>
  );
}
