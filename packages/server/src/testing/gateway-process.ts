import { createGateway } from "../create-gateway.ts";
import type { Log } from "../platform/log.ts";
import { defaultSettings } from "../settings.ts";
import type { Turn, TurnEvent } from "../runtime/agent-runtime.ts";
import { answer, assistantMessage, createScriptedRuntime, scriptedModel } from "./scripted-runtime.ts";
import { silentLog } from "./silent-log.ts";

/**
 * A gateway as a process of its own, to be killed: the state folder comes by environment, the address goes to stdout. A
 * message that contains `slow` is answered in many small pieces over a minute; a sub-agent whose task is `die` fails, and
 * the process kills itself when the failure is on disk and nobody has been told. A turn with tools of its caller calls the first
 * of them until there are results, which it repeats.
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
  if (turn.callerTools) return yield* withCallerTools(turn);
  if (!JSON.stringify(last?.content).includes("slow")) return yield* answer("quick");
  yield { type: "model", model: scriptedModel };
  for (let n = 0; n < 600 && !signal.aborted; n++) {
    yield { type: "text", delta: `${n} ` };
    await pause(100);
  }
  yield* answer("done");
});
async function* withCallerTools({ history, callerTools }: Turn): AsyncGenerator<TurnEvent, void> {
  const last = history.at(-1);
  if (last?.role === "toolResult") return yield* answer(`The tool says: ${JSON.stringify(last.content)}`);
  const calls = [{ callId: "call_1", name: callerTools?.tools[0]?.name ?? "", arguments: {} }];
  const content = calls.map(({ callId: id, name }) => ({ type: "toolCall" as const, id, name, arguments: {} }));
  yield { type: "message", message: assistantMessage("", { content, stopReason: "toolUse" }) };
  yield { type: "end", stopReason: "tool_calls", calls };
}

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
