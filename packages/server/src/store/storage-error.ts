/** Why a call to the database failed, as a stable word. */
export type StorageReason =
  | "constraint"
  /** No space left; later writes may work again. */
  | "full"
  /** The file is damaged: writes stop, reads go on as far as they can. */
  | "corrupt"
  | "io"
  /** The file or its folder may not be written. */
  | "read-only"
  /** Somebody outside this process holds the file. */
  | "busy"
  | "newer-schema"
  /** The writer is gone; whether the writes it had in hand are on disk is unknown. */
  | "writer-lost"
  | "overloaded"
  | "closed"
  /** The statement itself is wrong. */
  | "statement";

/** A failure in a form that crosses threads. */
export type StorageFault = { reason: StorageReason; message: string; columns?: readonly string[] };

/** A call to the database that failed; `reason` tells callers what they can do about it. */
export class StorageError extends Error {
  override readonly name: string = "StorageError";
  readonly reason: StorageReason;
  /** `table.column` of a violated unique constraint. */
  readonly columns: readonly string[];
  constructor({ reason, message, columns = [] }: StorageFault, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.columns = columns;
  }
}

const passing: ReadonlySet<StorageReason> = new Set(["full", "io", "read-only", "busy", "writer-lost", "overloaded"]);

/** Trouble that may be over when the same call comes again. */
export const isPassingTrouble = (error: unknown): error is StorageError =>
  error instanceof StorageError && passing.has(error.reason);

/** The database was written by a newer program. */
export class NewerSchemaError extends StorageError {
  override readonly name = "NewerSchemaError";
}

/** The error that a fault stands for. */
export function toStorageError(fault: StorageFault): StorageError {
  return fault.reason === "newer-schema" ? new NewerSchemaError(fault) : new StorageError(fault);
}

/** Primary result codes of SQLite. */
const reasons: Readonly<Record<number, StorageReason>> = {
  5: "busy",
  6: "busy",
  8: "read-only",
  10: "io",
  11: "corrupt",
  13: "full",
  14: "io",
  19: "constraint",
  26: "corrupt",
};

/** What went wrong, from whatever SQLite (or our own code) threw. */
export function toStorageFault(error: unknown): StorageFault {
  if (error instanceof StorageError) {
    return { reason: error.reason, message: error.message, columns: error.columns };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const reason = reasons[code] ?? "statement";
  const columns = /^UNIQUE constraint failed: (.+)$/.exec(message)?.[1]?.split(", ");
  return { reason, message, ...(columns && { columns }) };
}
