import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { copyVerified } from "./backup.ts";
import { commitGroup, type Outcome } from "./commit-group.ts";
import { openReader, openWriter, writerPatienceMs } from "./connections.ts";
import { createPreparedStatements } from "./prepared-statements.ts";
import { type StorageFault, toStorageFault } from "./storage-error.ts";
import type { WorkerAnswer, WorkerCall, WorkerMessage, WorkerTask } from "./worker-messages.ts";

/** Owns the only connection that writes, so that waiting for the disk never holds up the I/O thread. */
function serve(port: MessagePort, { path, migrations }: Extract<WorkerTask, { task: "serve" }>): void {
  const writer = openWriter(path, migrations);
  const reader = openReader(path, writerPatienceMs);
  const writing = createPreparedStatements(writer);
  const reading = createPreparedStatements(reader);
  let damage: StorageFault | undefined;

  function commit(calls: readonly WorkerCall[]): WorkerAnswer[] {
    const writes = calls.filter((call) => call.do === "write");
    if (writes.length === 0) return [];
    const outcomes = damage
      ? []
      : commitGroup(
          writer,
          writing,
          writes.map(({ statements }) => statements),
        );
    const known = damage;
    return writes.map(({ id }, index) => {
      const outcome = outcomes[index] ?? { ok: false, fault: known! };
      if (!outcome.ok && outcome.fault.reason === "corrupt") damage = outcome.fault;
      return { id, to: "write", outcome };
    });
  }

  function scan(call: Extract<WorkerCall, { do: "scan" }>): Outcome<Record<string, unknown>[]> {
    try {
      return { ok: true, value: reading.rows(call.statement) };
    } catch (error) {
      return { ok: false, fault: toStorageFault(error) };
    }
  }

  function close(): void {
    reader.close();
    try {
      writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      writer.close();
      port.close();
    }
  }

  port.on("message", (first: readonly WorkerCall[]) => {
    const calls = [...first];
    // Whatever else has arrived joins the group.
    for (let more = receiveMessageOnPort(port); more; more = receiveMessageOnPort(port)) {
      calls.push(...(more.message as readonly WorkerCall[]));
    }
    const answers = commit(calls);
    if (answers.length > 0) post(port, { at: "answers", answers });
    for (const call of calls) {
      if (call.do === "scan")
        post(port, { at: "answers", answers: [{ id: call.id, to: "scan", outcome: scan(call) }] });
    }
    if (calls.some((call) => call.do === "close")) close();
  });
}

function post(port: MessagePort, message: WorkerMessage): void {
  port.postMessage(message);
}

async function work(port: MessagePort, task: WorkerTask): Promise<void> {
  try {
    if (task.task === "serve") serve(port, task);
    else await copyVerified(task.path, task.toPath);
    post(port, { at: "ready" });
  } catch (error) {
    post(port, { at: "failed", fault: toStorageFault(error) });
    port.close();
  }
}

if (parentPort) await work(parentPort, workerData as WorkerTask);
