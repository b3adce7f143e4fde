import { plainLine } from "./plain.ts";
import type { Style } from "./style.ts";

const levels: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};
/** Members of every line that say nothing new. */
const silent = new Set(["level", "time", "msg", "pid", "hostname"]);

/** A line of the log as people read it: time, level, message, then the fields. What is no JSON stays as it is. */
export function formatLogLine(line: string, style: Style): string {
  const entry = readEntry(line);
  if (entry === undefined) return plainLine(line);
  const { level: number } = entry;
  const level = typeof number === "number" ? (levels[number] ?? String(number)) : formatValue(number);
  const fields = Object.entries(entry)
    .filter(([name]) => !silent.has(name))
    .map(([name, value]) => `${name}=${formatValue(value)}`);
  const parts = [
    style.dim(formatTime(entry["time"])),
    colour(level, style),
    plainLine(typeof entry["msg"] === "string" ? entry["msg"] : ""),
    style.dim(plainLine(fields.join(" "))),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function readEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function formatTime(time: unknown): string {
  if (typeof time !== "number" && typeof time !== "string") return "";
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toLocaleTimeString("sv");
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  if (typeof value === "object" && value !== null && typeof Reflect.get(value, "message") === "string") {
    return JSON.stringify(Reflect.get(value, "message"));
  }
  return JSON.stringify(value) ?? "";
}

function colour(level: string, style: Style): string {
  const text = level.toUpperCase().padEnd(5);
  if (level === "error" || level === "fatal") return style.red(text);
  if (level === "warn") return style.yellow(text);
  return level === "info" ? style.green(text) : style.dim(text);
}
