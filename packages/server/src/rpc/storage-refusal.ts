import { GatewayError } from "@openclaw-gateway/protocol";
import type { StorageError, StorageReason } from "../store/storage-error.ts";

type Refusal = { message: string; retryAfterMs?: number };

/** What a caller is told of trouble with the database: what is wrong, what helps, and whether the same call may work later. */
const refusals: Partial<Record<StorageReason, Refusal>> = {
  full: {
    message: "the disk of the state folder is full and nothing was changed; free some space, then send this again",
    retryAfterMs: 5_000,
  },
  "read-only": {
    message: "the state folder cannot be written and nothing was changed; check its permissions and its disk",
    retryAfterMs: 5_000,
  },
  busy: {
    message: "another program holds the gateway's database and nothing was changed; close it, or send this again later",
    retryAfterMs: 2_000,
  },
  io: {
    message:
      "the disk of the state folder reports an error and nothing was changed; check the disk, then send this again",
    retryAfterMs: 5_000,
  },
  "writer-lost": {
    message:
      "the database writer was lost and whether this was stored is unknown; send it again with the same idempotency key",
    retryAfterMs: 1_000,
  },
  overloaded: { message: "the disk does not keep up; send this again later", retryAfterMs: 1_000 },
  closed: { message: "the gateway is stopping", retryAfterMs: 2_000 },
  corrupt: {
    message: "the gateway's database is damaged: it can be read as far as possible, but nothing is written any more",
  },
  "newer-schema": { message: "the state folder was written by a newer version of the gateway" },
};

/** Undefined for mistakes of our own, which are nobody's business but the log's. */
export function storageRefusal(error: StorageError): GatewayError | undefined {
  const refusal = refusals[error.reason];
  if (!refusal) return undefined;
  const { message, retryAfterMs } = refusal;
  return new GatewayError("UNAVAILABLE", message, {
    cause: error,
    retryable: retryAfterMs !== undefined,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: { reason: `storage-${error.reason}` },
  });
}
