import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { ErrorState } from "~/parts/States";

/** Stands where a screen could not be shown. */
export function ScreenError({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorState
      error={error instanceof Error ? error : new Error(String(error))}
      what="This screen could not be shown."
      onRetry={() => void router.invalidate()}
    />
  );
}
