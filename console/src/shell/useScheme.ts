import { useMantineColorScheme } from "@mantine/core";

/** Light, dark or as the system is, and how that is chosen. */
export function useScheme() {
  // Mantine would hold transitions back by a style element, which the content security policy forbids.
  return useMantineColorScheme({ keepTransitions: true });
}
