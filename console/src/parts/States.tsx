// What a screen shows when it has nothing to show: an error with what to do, an empty list with what it is for.

import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError } from "~/api/client";
import { saying } from "~/format/words";
import { CopyText } from "./Copy";
import classes from "./parts.module.css";

/** What failed, what to do, and the id to search logs for. */
export function ErrorState({ error, what, onRetry }: { error: Error; what: string; onRetry?: () => void }) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div className={`${classes.state} ${classes.error}`} role="alert">
      <div className={classes.stateTitle}>{what}</div>
      <div>{saying(error.message)}</div>
      {requestId && (
        <div className="dim small">
          Request <CopyText value={requestId} />
        </div>
      )}
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** What this place is for, and how it fills. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes.state}>
      <div className={classes.stateTitle}>{title}</div>
      {children && <div className="dim">{children}</div>}
      {action}
    </div>
  );
}

/** Rows of a table that are on their way. */
export function LoadingRows({ rows = 12, height = 36 }: { rows?: number; height?: number }) {
  const all = Array.from({ length: rows }, (_, row) => row);
  return (
    <div role="status" aria-label="Loading">
      {all.map((row) => (
        <Skeleton key={row} height={height - 12} my={6} radius="sm" />
      ))}
    </div>
  );
}
