import { createHash, randomUUID } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { type AllowlistEntry, describeIssues, ExecApprovalsFile, GatewayError } from "@openclaw-gateway/protocol";
import { errorCode } from "../platform/error-code.ts";
import { writePrivateFile } from "../platform/private-file.ts";

export type StoredApprovals = { path: string; exists: boolean; hash: string; file: ExecApprovalsFile };

/** `exec-approvals.json`: the one reader and writer. */
export interface ApprovalsFile {
  /** Throws when the file is there and cannot be understood: then nothing may run by it. */
  read(): Promise<StoredApprovals>;
  /** Changes the file, one change after the other. With `baseHash` only when it is still that one. */
  update(change: (file: ExecApprovalsFile) => ExecApprovalsFile, baseHash?: string): Promise<StoredApprovals>;
}

const maxBytes = 4 * 1024 * 1024;

export function createApprovalsFile(path: string): ApprovalsFile {
  let last: Promise<unknown> = Promise.resolve();

  async function load(): Promise<{ raw: string | undefined; hash: string }> {
    const raw = await readFile(path, "utf8").catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return undefined;
      throw unusable(`it cannot be read (${errorCode(error) ?? "unknown reason"})`, error);
    });
    return {
      raw,
      hash: createHash("sha256")
        .update(raw ?? "")
        .digest("hex"),
    };
  }

  async function update(
    change: (file: ExecApprovalsFile) => ExecApprovalsFile,
    baseHash: string | undefined,
  ): Promise<StoredApprovals> {
    const { raw, hash } = await load();
    if (baseHash !== undefined && baseHash !== hash) throw changedMeanwhile();
    const before = parse(raw);
    const text = `${JSON.stringify(normalise(change(before), before), undefined, 2)}\n`;
    if (Buffer.byteLength(text) > maxBytes) {
      throw new GatewayError("INVALID_REQUEST", `the approvals file may not be larger than ${maxBytes} bytes`);
    }
    // Somebody else who writes is noticed up to the last moment.
    if ((await load()).hash !== hash) throw changedMeanwhile();
    // A link is kept: what it leads to is replaced.
    const target = await realpath(path).catch(() => path);
    await writePrivateFile(target, text).catch((error: unknown) => {
      throw unusable(`it cannot be written (${errorCode(error) ?? "unknown reason"})`, error);
    });
    return stored(text);
  }

  function stored(raw: string | undefined): StoredApprovals {
    return {
      path,
      exists: raw !== undefined,
      hash: createHash("sha256")
        .update(raw ?? "")
        .digest("hex"),
      file: normalise(parse(raw)),
    };
  }

  return {
    read: async () => stored((await load()).raw),
    update: (change, baseHash) => {
      const turn = last.then(() => update(change, baseHash));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

function parse(raw: string | undefined): ExecApprovalsFile {
  if (raw === undefined) return { version: 1 };
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    throw unusable("it is not JSON", error);
  }
  const parsed = ExecApprovalsFile.safeParse(value, { reportInput: true });
  if (!parsed.success) throw unusable(describeIssues(parsed.error.issues));
  return parsed.data;
}

/** The recorded order of members. Entries get ids; what an earlier file knows and clients do not send stays. */
function normalise(file: ExecApprovalsFile, before?: ExecApprovalsFile): ExecApprovalsFile {
  const { version, socket = before?.socket, defaults = {}, agents = {}, ...rest } = file;
  const token = socket?.token ?? before?.socket?.token;
  return {
    version,
    ...(socket && { socket: { ...socket, ...(token !== undefined && { token }) } }),
    defaults,
    agents: Object.fromEntries(
      Object.entries(agents).map(([id, agent]) => [
        id,
        agent.allowlist
          ? { ...agent, allowlist: agent.allowlist.map((entry) => keepBounds(entry, before?.agents?.[id]?.allowlist)) }
          : agent,
      ]),
    ),
    ...rest,
  };
}

/** A client that does not know `argv` and sends an entry back without it must not widen the entry. */
function keepBounds(entry: AllowlistEntry, before: readonly AllowlistEntry[] | undefined): AllowlistEntry {
  const known = entry.id === undefined ? undefined : before?.find(({ id }) => id === entry.id);
  const isSame = known !== undefined && known.pattern === entry.pattern;
  const argv = entry.argv ?? (isSame ? known.argv : undefined);
  const expiresAtMs = entry.expiresAtMs ?? (isSame ? known.expiresAtMs : undefined);
  return {
    ...entry,
    id: entry.id ?? randomUUID(),
    ...(argv && { argv }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

const changedMeanwhile = (): GatewayError =>
  new GatewayError("INVALID_REQUEST", "exec approvals changed since last load; re-run exec.approvals.get and retry");

const unusable = (reason: string, cause?: unknown): GatewayError =>
  new GatewayError("UNAVAILABLE", `exec-approvals.json is not usable: ${reason}; correct it or move it away`, {
    cause,
    details: { reason: "approvals-file-unusable" },
  });
