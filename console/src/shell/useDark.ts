import { useComputedColorScheme } from "@mantine/core";

/** Whether the console is dark now, by choice or as the system is. */
export function useDark(): boolean {
  return useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
}
