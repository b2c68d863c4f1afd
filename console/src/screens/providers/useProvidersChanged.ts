import { useQueryClient } from "@tanstack/react-query";

/** After a change of providers, models can be called that could not, and the other way round. */
export function useProvidersChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      ["providers", "models", "model"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
}
