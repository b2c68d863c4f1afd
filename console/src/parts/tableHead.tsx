// What all tables share: columns, and the row of their names.

import type { ReactNode } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  /** Also what the address names when sorted by it. */
  id: string;
  header: string;
  /** Shown small behind the header. */
  unit?: string;
  /** What the header says on hover. */
  hint?: string;
  align?: "right";
  /** CSS width. */
  width?: string;
  /** Left out where the window is not wide. */
  wideOnly?: boolean;
  /** Whether its header sorts. */
  sortable?: boolean;
  cell: (row: Row) => ReactNode;
}

export interface Sorting {
  by: string;
  descending: boolean;
}

interface HeadProps<Row> {
  columns: Column<Row>[];
  sorting?: Sorting | undefined;
  onSort?: ((by: string) => void) | undefined;
}

export function Head<Row>({ columns, sorting, onSort }: HeadProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const sorted = sorting?.by === column.id;
          const label = (
            <>
              {column.header} {column.unit && <span className={classes.unit}>{column.unit}</span>}
            </>
          );
          return (
            <th
              key={column.id}
              scope="col"
              title={column.hint}
              className={classesOf(column)}
              aria-sort={sorted ? (sorting.descending ? "descending" : "ascending") : undefined}
            >
              {column.sortable && onSort ? (
                <button
                  type="button"
                  className={`${classes.sort} ${sorted ? classes.sorted : ""}`}
                  onClick={() => onSort(column.id)}
                >
                  {label}
                  {sorted && (
                    <span className={classes.arrow} aria-hidden="true">
                      {sorting.descending ? "↓" : "↑"}
                    </span>
                  )}
                </button>
              ) : (
                label
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

export function classesOf({ align, wideOnly }: { align?: "right"; wideOnly?: boolean }): string | undefined {
  return [align && classes.right, wideOnly && classes.wide].filter(Boolean).join(" ") || undefined;
}
