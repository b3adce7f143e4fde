import { plainLine } from "./plain.ts";

export type Column<Row> = {
  title: string;
  /** Undefined prints as a dash. */
  cell: (row: Row) => string | undefined;
  align?: "right";
};

const gap = "  ";

/**
 * Rows as aligned columns. Where the terminal has a width, the last column is cut to fit; columns that no row fills are
 * left out.
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, heading = (text) => text }: { width?: number | undefined; heading?: (text: string) => string } = {},
): string {
  const shown = columns
    .map(({ title, cell, align }) => ({
      title,
      align,
      cells: rows.map((row) => {
        const text = cell(row);
        return text === undefined ? undefined : plainLine(text);
      }),
    }))
    .filter(({ cells }) => cells.some((text) => text !== undefined && text !== ""))
    .map((column) => ({
      ...column,
      width: Math.max(column.title.length, ...column.cells.map((text) => (text ?? "-").length)),
    }));
  const last = shown.length - 1;
  const before = shown.slice(0, last).reduce((sum, column) => sum + column.width + gap.length, 0);
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(10, width - before);

  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const column = shown[index];
        if (column?.align === "right") return text.padStart(column.width);
        return index === last ? cut(text, room) : text.padEnd(column?.width ?? 0);
      })
      .join(gap)
      .trimEnd();
  const lines = rows.map((_, row) => line(shown.map(({ cells }) => cells[row] || "-")));
  return [heading(line(shown.map(({ title }) => title.toUpperCase()))), ...lines].map((text) => `${text}\n`).join("");
}

/** Named values, one a line, aligned; undefined ones are left out. */
export function formatFields(fields: Readonly<Record<string, string | undefined>>): string {
  const shown = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
