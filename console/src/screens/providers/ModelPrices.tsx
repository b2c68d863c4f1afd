import { TextInput } from "@mantine/core";
import type { ModelSaid } from "~/api/providers";
import classes from "./Providers.module.css";

interface Props {
  models: ModelSaid[];
  onChange: (models: ModelSaid[]) => void;
}

/** What each model of one's own provider costs; the rest of what is said of it stays. */
export function ModelPrices({ models, onChange }: Props) {
  // What is said of all models together is a factor, and no price.
  const priced = models.filter(({ id }) => id !== "*");
  if (priced.length === 0) return null;
  const set = (id: string, price: Partial<ModelSaid>) =>
    onChange(models.map((model) => (model.id === id ? { ...model, ...price } : model)));
  return (
    <div className={classes.prices}>
      <span className={classes.pricesName}>Prices</span>
      <span className="dim small">USD in, per 1M</span>
      <span className="dim small">USD out, per 1M</span>
      {priced.map(({ id, input, output }) => (
        <div key={id} className={classes.price}>
          <span className="mono">{id}</span>
          <Price name={`Input price of ${id}`} usd={input} set={(usd) => set(id, { input: usd })} />
          <Price name={`Output price of ${id}`} usd={output} set={(usd) => set(id, { output: usd })} />
        </div>
      ))}
      <p className="dim small">Left empty, the catalogue's holds; without one, requests count as unpriced.</p>
    </div>
  );
}

interface PriceProps {
  name: string;
  usd: string | null | undefined;
  set: (usd: string | null) => void;
}

function Price({ name, usd, set }: PriceProps) {
  return (
    <TextInput
      size="xs"
      inputMode="decimal"
      aria-label={name}
      value={usd ?? ""}
      onChange={(event) => set(event.currentTarget.value.trim() || null)}
    />
  );
}
