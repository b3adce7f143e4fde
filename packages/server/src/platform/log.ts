import { rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "pino";
import { makePrivateFolder } from "./private-file.ts";

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

/** A log file that is larger when the gateway starts becomes `<file>.1`. */
const maxFileBytes = 10 * 1024 * 1024;
/** Names whose values never reach a log, at the depths fields are written in. */
const secretFields = ["token", "password", "apiKey", "authorization", "secret", "deviceToken"];
/** Lines kept while the log is still opening. */
const maxEarlyLines = 1_000;

export interface LogFile extends Log {
  /** Writes what is waiting. */
  flush(): Promise<void>;
}

/** Somebody who watches the log beside its file; gets whole lines. */
export type LogEcho = { level: Exclude<LogLevel, "silent">; write: (line: string) => void };

/** A log whose file opens behind the start: lines before that wait in memory. */
export function openLog(options: { level: LogLevel; file: string; echo?: LogEcho }): LogFile {
  let logger: Logger | undefined;
  let early: ((to: Logger) => void)[] = [];
  let flushFile = (): void => {};

  const opened = open(options).then(
    (target) => {
      logger = target.logger;
      flushFile = target.flush;
      for (const write of early) write(target.logger);
      early = [];
    },
    (error: unknown) => {
      process.stderr.write(`the log cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
      early = [];
    },
  );

  const at = (level: "trace" | "debug" | "info" | "warn" | "error", base: Record<string, unknown>): Write => (fields, message) => {
    const write = (to: Logger): void => to[level]({ ...base, ...fields }, message);
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
    flush: async () => {
      await opened;
      flushFile();
    },
  };
}

async function open({ level, file, echo }: { level: LogLevel; file: string; echo?: LogEcho }) {
  const { pino } = await import("pino");
  await makePrivateFolder(dirname(file));
  const known = await stat(file).catch(() => undefined);
  if (known && known.size > maxFileBytes) await rename(file, `${file}.1`);
  const destination = pino.destination({ dest: file, sync: false, mkdir: false, mode: 0o600 });
  const streams = [
    { level: level === "silent" ? "fatal" : level, stream: destination },
    ...(echo ? [{ level: echo.level, stream: echo }] : []),
  ];
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[secret]" },
    },
    pino.multistream(streams),
  );
  return { logger, flush: () => destination.flushSync() };
}
