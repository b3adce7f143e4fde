import { flushCompileCache } from "node:module";
import { createGateway } from "../create-gateway.ts";
import { createFaultPoints, type FaultPoint } from "./fault-points.ts";
import { assistantMessage, createScriptedRuntime, scriptedModel } from "./scripted-runtime.ts";
import { silentLog } from "./silent-log.ts";
import type { TurnEvent } from "../runtime/agent-runtime.ts";

/** What the test says to the process, and hears from it. */
export type CrashOrder = { arm: FaultPoint | null } | { go: boolean } | { count: true };
export type CrashReport = { url: string } | { counted: { commits: number; events: number } } | { armed: true };

const faults = createFaultPoints();
let mayGo = Promise.withResolvers<void>();

/** A turn with a tool: two model calls, a result between them. It begins when the test says `go`. */
async function* withTool(): AsyncIterable<TurnEvent> {
  await mayGo.promise;
  const call = { type: "toolCall", id: "call-1", name: "read", arguments: { path: "a" } } as const;
  const asked = assistantMessage("", {
    content: [{ type: "text", text: "Let me look." }, call],
    stopReason: "toolUse",
  });
  const result = {
    role: "toolResult",
    toolCallId: "call-1",
    toolName: "read",
    content: [{ type: "text", text: "found" }],
    isError: false,
    timestamp: 1,
  } as const;
  const told = assistantMessage("It is there.");
  yield { type: "model", model: scriptedModel };
  yield { type: "text", delta: "Let me look." };
  yield { type: "usage", usage: asked.usage, model: scriptedModel, contextTokens: 10 };
  yield { type: "message", message: asked };
  yield { type: "tool-start", name: "read", toolCallId: "call-1", args: { path: "a" } };
  yield {
    type: "tool-end",
    name: "read",
    toolCallId: "call-1",
    isError: false,
    result: { content: [...result.content] },
  };
  yield { type: "message", message: { ...result, content: [...result.content] } };
  yield { type: "text", delta: "It is " };
  yield { type: "text", delta: "there." };
  yield { type: "usage", usage: told.usage, model: scriptedModel, contextTokens: 20 };
  yield { type: "message", message: told };
  yield { type: "end", stopReason: "stop" };
}

const gateway = await createGateway({
  runtime: () =>
    createScriptedRuntime(async function* () {
      for await (const event of withTool()) {
        faults.passEvent();
        yield event;
      }
    }),
  overrides: { host: "127.0.0.1", port: 0, drainBudgetMs: 100 },
  workerUrl: new URL(`faulty-sqlite-worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
  log: silentLog,
});

const tell = (report: CrashReport): void => void process.send?.(report);
process.on("message", (order: CrashOrder) => {
  if ("arm" in order) {
    faults.arm(order.arm ?? undefined);
    tell({ armed: true });
  } else if ("go" in order) {
    if (order.go) mayGo.resolve();
    else mayGo = Promise.withResolvers();
  } else {
    // One that is killed keeps nothing of what it compiled.
    flushCompileCache();
    tell({ counted: faults.counted() });
  }
});
process.on("disconnect", () => process.exit(0));
const { url } = await gateway.start();
tell({ url });
