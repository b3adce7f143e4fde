import type { Log } from "../platform/log.ts";

const ignore = (): void => {};

/** A log that says nothing. */
export const silentLog: Log = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLog,
};
