import { randomUUID } from "node:crypto";
import { type AssistantMessage, type StopReason, type UserMessage, zeroUsage } from "@openclaw-gateway/protocol";
import type { NewMessage, StoredRun } from "../conversations/conversation-store.ts";
import type { ModelRef } from "../runtime/agent-runtime.ts";

/** Who wrote a message that no model wrote; the names are recorded. */
export const gatewayAuthor = { api: "openai-responses", provider: "openclaw", model: "gateway-injected" } as const;

/** A message in the assistant's name that the gateway writes itself. */
export function gatewayMessage(
  text: string,
  timestamp: number,
  how: { stopReason?: StopReason; model?: ModelRef | undefined; errorMessage?: string } = {},
): AssistantMessage {
  return {
    role: "assistant",
    content: text === "" ? [] : [{ type: "text", text }],
    ...(how.model ? { api: "openai-completions", provider: how.model.provider, model: how.model.id } : gatewayAuthor),
    usage: zeroUsage(),
    stopReason: how.stopReason ?? "stop",
    timestamp,
    ...(how.errorMessage !== undefined && { errorMessage: how.errorMessage }),
  };
}

/** What a transcript says of a run that a crash or a stop cut off. */
export function interruptedNote(run: StoredRun, now: number): NewMessage {
  const errorMessage = "interrupted: the gateway stopped while this answer was being written";
  return {
    id: randomUUID(),
    runId: run.runId,
    message: gatewayMessage("", now, { stopReason: "interrupted", errorMessage }),
  };
}

/** What a person said, as the transcript has it. */
export const userMessage = ({ input, runId }: StoredRun, timestamp: number): UserMessage => ({
  role: "user",
  content: [{ type: "text", text: input.message }],
  timestamp,
  idempotencyKey: `${runId}:user`,
  ...(input.reportOf && { provenance: subagentProvenance(input.reportOf.childKey) }),
});

/** Marks a message that no person wrote: another session did. */
export const subagentProvenance = (childKey: string) => ({
  kind: "inter_session",
  sourceSessionKey: childKey,
  sourceTool: "sessions_spawn",
});
