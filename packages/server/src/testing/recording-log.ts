import type { Log } from "../platform/log.ts";
import { silentLog } from "./silent-log.ts";

/** A log that keeps its lines: level, message, and the fields as JSON. */
export function createRecordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void =>
      void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  return { ...silentLog, info: at("info"), warn: at("warn"), error: at("error"), lines };
}
