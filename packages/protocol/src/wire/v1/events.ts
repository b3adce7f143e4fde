import type { ChatEvent } from "../../capabilities/chat.ts";
import type { WireEvent } from "../codec.ts";

/** Events that protocol 1 knows under other names: each name it hears in place of one of today's. */
export const eventNames1: Readonly<Record<string, readonly string[]>> = {
  chat: ["chat.delta", "chat.final", "chat.aborted", "chat.error"],
  presence: ["presence.update"],
};

/** An event under the name and in the shape of protocol 1. */
export function renameEvent(event: string, payload: unknown): WireEvent | undefined {
  if (event === "chat") return chatEvent(payload as ChatEvent);
  return { event: eventNames1[event]?.[0] ?? event, payload };
}

function chatEvent(chat: ChatEvent): WireEvent | undefined {
  const { runId, sessionKey } = chat;
  switch (chat.state) {
    case "status":
      return undefined;
    case "delta": {
      const { deltaText: delta, replace } = chat;
      return { event: "chat.delta", payload: { runId, sessionKey, delta, ...(replace && { replace }) } };
    }
    case "final":
    case "aborted":
      return {
        event: `chat.${chat.state}`,
        payload: { runId, sessionKey, type: "message", content: textOf(chat.message) },
      };
    case "error":
      return { event: "chat.error", payload: { runId, sessionKey, message: chat.errorMessage ?? "the run failed" } };
    default:
      return chat satisfies never;
  }
}

function textOf(message: { content: readonly Record<string, unknown>[] } | undefined): string {
  return (message?.content ?? []).flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n\n");
}
