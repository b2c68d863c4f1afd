import type { Provider } from "~/api/providers";
import { Chip } from "~/parts/Chip";

/** Whether requests can go to it. */
export function State({ provider }: { provider: Provider }) {
  if (provider.problem) return <Chip tone="bad">Does not fit</Chip>;
  return provider.enabled ? <Chip tone="good">Enabled</Chip> : <Chip>Not enabled</Chip>;
}
