type Write = (fields: Record<string, unknown>, message: string) => void;

/** Structured log lines; the fields come first. */
export interface Log {
  trace: Write;
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  child(fields: Record<string, unknown>): Log;
}
