import { createGateway } from "../create-gateway.ts";
import type { Log } from "../platform/log.ts";
import { defaultSettings } from "../settings.ts";
import { answer, createScriptedRuntime, scriptedModel } from "./scripted-runtime.ts";
import { silentLog } from "./silent-log.ts";

/**
 * A gateway as a process of its own, to be killed: the state folder comes by environment, the address goes to stdout. A
 * message that contains `slow` is answered in many small pieces over a minute; a sub-agent whose task is `die` fails, and
 * the process kills itself when the failure is on disk and nobody has been told.
 */
const log: Log = {
  ...silentLog,
  warn: (fields, message) => {
    if (message === "a turn failed") process.kill(process.pid, "SIGKILL");
    silentLog.warn(fields, message);
  },
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const runtime = createScriptedRuntime(async function* (turn, signal) {
  const last = turn.history.at(-1);
  if (turn.sessionKey.includes(":subagent:") && JSON.stringify(last?.content).includes("die"))
    return yield { type: "error", kind: "unknown", message: "dead" };
  if (!JSON.stringify(last?.content).includes("slow")) return yield* answer("quick");
  yield { type: "model", model: scriptedModel };
  for (let n = 0; n < 600 && !signal.aborted; n++) {
    yield { type: "text", delta: `${n} ` };
    await pause(100);
  }
  yield* answer("done");
});
/** Keeps the last message. */
runtime.compact = async ({ history }) => {
  await pause(10);
  const firstKept = history.at(-1);
  if (!firstKept || history.length < 2) return { kind: "nothing" };
  const content = [{ type: "text" as const, text: "Compaction" }];
  const counts = { tokensBefore: 20, tokensAfter: 10 };
  const message = { role: "system" as const, content, timestamp: Date.now(), summary: "so far", ...counts };
  return { kind: "done", message, firstKept, usage: [] };
};

const gateway = await createGateway({
  runtime: () => runtime,
  overrides: {
    host: "127.0.0.1",
    port: 0,
    drainBudgetMs: 100,
    subagents: { ...defaultSettings.subagents, maxChildrenPerAgent: 100 },
  },
  log,
});
const { url } = await gateway.start();
process.on("SIGTERM", () => void gateway.stop().then(() => process.exit(0)));
process.stdout.write(`${url}\n`);
