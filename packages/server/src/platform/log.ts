import type { Logger } from "pino";
import { redactText, redactValue } from "./redaction.ts";
import { openRotatingFile } from "./rotating-file.ts";

type Write = (fields: Record<string, unknown>, message: string) => void;

export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Structured log lines; the fields come first. */
export interface Log {
  trace: Write;
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  child(fields: Record<string, unknown>): Log;
}

const maxFileBytes = 10 * 1024 * 1024;
/** Files beside the current one. */
const keptFiles = 3;
/** Lines kept while the logger is still loading. */
const maxEarlyLines = 1_000;
const secretMark = "[secret]";

export interface LogFile extends Log {
  /** Resolves when everything logged so far is in the file. */
  flush(): Promise<void>;
  /** From now on lines of this level and above are written. */
  setLevel(level: LogLevel): void;
}

/** Somebody who watches the log beside its file; gets whole lines. */
export type LogEcho = { level: Exclude<LogLevel, "silent">; write: (line: string) => void };

export type LogOptions = { level: LogLevel; file: string; echo?: LogEcho; maxBytes?: number };

/**
 * A log of JSON lines without secrets, in a file that is rotated. The logger loads behind the start; lines before that
 * wait in memory. Logging never throws, and a file that cannot be written is told once on stderr.
 */
export function openLog(options: LogOptions): LogFile {
  let logger: Logger | undefined;
  let early: ((to: Logger) => void)[] = [];
  const file = openRotatingFile({
    path: options.file,
    maxBytes: options.maxBytes ?? maxFileBytes,
    keep: keptFiles,
    onFault: (error) =>
      void process.stderr.write(
        `the log cannot be written: ${error instanceof Error ? error.message : String(error)}\n`,
      ),
  });
  let { level } = options;
  const loaded = createLogger(options, file).then((created) => {
    logger = created;
    created.level = level;
    for (const write of early) write(created);
    early = [];
  });

  const at =
    (level: "trace" | "debug" | "info" | "warn" | "error", base: Record<string, unknown>): Write =>
    (fields, message) => {
      const write = (to: Logger): void => {
        try {
          to[level]({ ...base, ...fields }, message);
        } catch (error) {
          to.warn(`a line could not be logged (${message}): ${String(error)}`);
        }
      };
      if (logger) write(logger);
      else if (early.length < maxEarlyLines) early.push(write);
    };
  const logOf = (base: Record<string, unknown>): Log => ({
    trace: at("trace", base),
    debug: at("debug", base),
    info: at("info", base),
    warn: at("warn", base),
    error: at("error", base),
    child: (fields) => logOf({ ...base, ...fields }),
  });
  return {
    ...logOf({}),
    setLevel: (next) => {
      level = next;
      if (logger) logger.level = next;
    },
    flush: async () => {
      await loaded;
      await file.flush();
    },
  };
}

async function createLogger({ level, echo }: LogOptions, file: { write(line: string): void }): Promise<Logger> {
  const { pino } = await import("pino");
  const streams = [
    // The logger's own level decides, because it can change.
    { level: "trace" as const, stream: file },
    ...(echo ? [{ level: echo.level, stream: echo }] : []),
  ];
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: redactLine },
    },
    pino.multistream(streams),
  );
}

/** The last gate: sees what will be written, after every `toJSON` and serialiser. */
function redactLine(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null) return "";
    const { msg, ...fields } = entry as Record<string, unknown>;
    const shown = redactValue(fields, secretMark) as Record<string, unknown>;
    return `${JSON.stringify({ ...shown, ...(typeof msg === "string" && { msg: redactText(msg, secretMark) }) })}\n`;
  } catch {
    return `${redactText(line.trimEnd(), secretMark)}\n`;
  }
}

/** An error without the request, response or settings that libraries hang on it. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const code: unknown = Reflect.get(error, "code");
  return {
    type: error.name,
    message: error.message,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}
