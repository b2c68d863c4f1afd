import { Button, CloseButton, FileButton, NumberInput, Textarea } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { useState } from "react";
import type { BadInput } from "./request";
import classes from "./Simulator.module.css";
import type { SimulatorInput } from "./search";

interface Props {
  input: SimulatorInput;
  image: string | null;
  bad: BadInput | null;
  onChange: (change: SimulatorInput) => void;
  onImage: (image: string | null) => void;
}

const PROMPTS = [
  "Why is the sky blue?",
  "Write a haiku about tolls.",
  "Name three uses of a paper clip, as a list.",
];

/** What all panes are asked. */
export function Input({ input, image, bad, onChange, onImage }: Props) {
  const [more, setMore] = useState(
    Boolean(input.system || input.tools || input.schema || input.max || input.temperature),
  );
  return (
    <div className={classes.input}>
      <Textarea
        label="Prompt"
        placeholder="Ask something"
        autosize
        minRows={2}
        maxRows={12}
        value={input.prompt ?? ""}
        onChange={(event) => onChange({ prompt: event.currentTarget.value || undefined })}
      />
      <div className={classes.bar}>
        {!input.prompt &&
          PROMPTS.map((prompt) => (
            <Button key={prompt} size="compact-xs" variant="default" onClick={() => onChange({ prompt })}>
              {prompt}
            </Button>
          ))}
        <PictureButton image={image} onImage={onImage} />
        <Button size="compact-xs" variant="subtle" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? "Less" : "System prompt, tools, schema, parameters"}
        </Button>
      </div>
      {more && <More input={input} bad={bad} onChange={onChange} />}
    </div>
  );
}

function More({ input, bad, onChange }: Pick<Props, "input" | "bad" | "onChange">) {
  const area = (name: "system" | "tools" | "schema", label: string, placeholder: string) => (
    <Textarea
      label={label}
      placeholder={placeholder}
      autosize
      minRows={2}
      maxRows={10}
      classNames={name === "system" ? {} : { input: "mono" }}
      value={input[name] ?? ""}
      error={bad?.field === name && bad.message}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
    />
  );
  const number = (value: string | number) => (value === "" ? undefined : Number(value));
  return (
    <div className={classes.more}>
      {area("system", "System prompt", "How to answer")}
      <div className={classes.numbers}>
        <NumberInput
          label="Temperature"
          placeholder="the model's own"
          min={0}
          max={2}
          step={0.1}
          decimalScale={2}
          value={input.temperature ?? ""}
          onChange={(value) => onChange({ temperature: number(value) })}
        />
        <NumberInput
          label="Output at most"
          placeholder="the model's own"
          suffix=" tokens"
          min={1}
          allowDecimal={false}
          value={input.max ?? ""}
          onChange={(value) => onChange({ max: number(value) })}
        />
      </div>
      {area("tools", "Tools (JSON)", '[{"type": "function", "function": {"name": "…", "parameters": {}}}]')}
      {area("schema", "Schema of the answer (JSON)", '{"type": "object", "properties": {}}')}
    </div>
  );
}

function PictureButton({ image, onImage }: Pick<Props, "image" | "onImage">) {
  const read = (file: File | null) => {
    if (file === null) return;
    const reader = new FileReader();
    reader.onload = () => onImage(typeof reader.result === "string" ? reader.result : null);
    reader.readAsDataURL(file);
  };
  if (image !== null) {
    return (
      <span className={classes.picture}>
        <img src={image} alt="What goes with the prompt" />
        <CloseButton size="xs" aria-label="Take the picture away" onClick={() => onImage(null)} />
      </span>
    );
  }
  return (
    <FileButton accept="image/png,image/jpeg,image/webp,image/gif" onChange={read}>
      {(props) => (
        <Button {...props} size="compact-xs" variant="subtle" leftSection={<IconPhoto size={14} />}>
          Add a picture
        </Button>
      )}
    </FileButton>
  );
}
