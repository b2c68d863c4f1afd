// A table: columns with units, sorting, rows that open by click or keyboard, any number of rows by drawing only those in
// view. On a phone each row is a card.

import { useMediaQuery } from "@mantine/hooks";
import { memo, type ReactNode, useEffect, useRef } from "react";
import classes from "./DataTable.module.css";
import { type Column, classesOf, Head, type Sorting } from "./tableHead";
import { useRowKeys } from "./useRowKeys";
import { useVisibleRows } from "./useVisibleRows";

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** A row on a phone. */
  card?: (row: Row) => ReactNode;
  cardHeight?: number;
  sorting?: Sorting;
  onSort?: (by: string) => void;
  /** What a click on a row, or Enter, does. */
  onOpen?: (row: Row) => void;
  /** The key of the row that is open beside the table. */
  openKey?: string | undefined;
  /** Called when the last rows come into view. */
  onEnd?: () => void;
}

const ROW_HEIGHT = 36;

export function DataTable<Row>(props: Props<Row>) {
  const { rows, columns, rowKey, onEnd } = props;
  const narrow = useMediaQuery("(max-width: 699px)", false, { getInitialValueInEffect: false });
  const phone = narrow && props.card !== undefined;
  const height = phone ? (props.cardHeight ?? 72) : ROW_HEIGHT;
  const frame = useRef<HTMLDivElement>(null);
  const { from, to, reveal } = useVisibleRows(frame, rows.length, height);
  const atEnd = to >= rows.length;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, onEnd]);
  const active = useRowKeys(rows.length, {
    onMove: reveal,
    onOpen: (index) => {
      const row = rows[index];
      if (row !== undefined) props.onOpen?.(row);
    },
  });
  const shown = rows.slice(from, to).map((row, at) => ({ row, index: from + at, key: rowKey(row) }));
  const before = from * height;
  const after = (rows.length - to) * height;
  const marked = (index: number, key: string) => index === active || key === props.openKey;

  if (phone) {
    return (
      <div className={classes.frame} ref={frame}>
        <div style={{ height: before }} />
        {shown.map(({ row, key, index }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys move over rows by useRowKeys, and the card holds a link
          // biome-ignore lint/a11y/noStaticElementInteractions: as above
          <div
            key={key}
            className={classes.card}
            style={{ height }}
            data-row=""
            data-active={marked(index, key)}
            onClick={() => props.onOpen?.(row)}
          >
            {props.card?.(row)}
          </div>
        ))}
        <div style={{ height: after }} />
      </div>
    );
  }
  return (
    <div className={classes.frame} ref={frame}>
      <table
        className={`${classes.table} ${classes.fixed}`}
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
      >
        <colgroup>
          {columns.map((column) => (
            <col
              key={column.id}
              className={column.wideOnly ? classes.wide : undefined}
              style={{ width: column.width }}
            />
          ))}
        </colgroup>
        <Head columns={columns} sorting={props.sorting} onSort={props.onSort} />
        <tbody>
          <Spacer height={before} />
          {shown.map(({ row, key, index }) => (
            <TableRow
              key={key}
              row={row}
              index={index}
              columns={columns}
              marked={marked(index, key)}
              onOpen={props.onOpen}
            />
          ))}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<Row> extends Pick<Props<Row>, "columns" | "onOpen"> {
  row: Row;
  index: number;
  marked: boolean;
}

function PlainRow<Row>({ row, index, columns, marked, onOpen }: RowProps<Row>) {
  return (
    <tr
      data-row=""
      aria-rowindex={index + 2}
      className={`${onOpen ? classes.row : ""} ${marked ? classes.active : ""}`}
      onClick={(event) => {
        // A link, button or checkbox in the row has its own meaning.
        if (!(event.target as Element).closest("a, button, input, label")) onOpen?.(row);
      }}
    >
      {columns.map((column) => (
        <td key={column.id} className={classesOf(column)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** While the table scrolls, only rows that come into view are drawn. */
const TableRow = memo(PlainRow) as typeof PlainRow;

/** Of one cell: one that spans columns which a narrow window leaves out would add others, and they would take room. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr className={classes.spacer}>
      <td style={{ height }} />
    </tr>
  );
}
