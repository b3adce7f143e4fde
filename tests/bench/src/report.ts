import type { Row } from "./results.ts";

/** The rows as a table for people; columns are aligned. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [
    ["metric", "unit", "limit", "ours", "ratio", "budget", ""],
    ...rows.map(({ metric, unit, limit, ours, ratio, budget, met }) => [
      metric,
      unit,
      formatNumber(limit),
      formatNumber(ours),
      ratio === undefined ? "" : ratio.toFixed(2),
      budget ?? "",
      met === undefined ? "" : met ? "ok" : "MISSED",
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const isNumber = (column: number): boolean => column >= 2 && column <= 4;
  return lines
    .map((line) =>
      line
        .map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  if (!Number.isFinite(value)) return "never";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
