import { randomUUID } from "node:crypto";
import {
  type AssistantMessage,
  type StopReason,
  type ToolResultMessage,
  type TranscriptMessage,
  type UserMessage,
  zeroUsage,
} from "@openclaw-gateway/protocol";
import type { CallerItem, CallerRequest, StoredSession, UserContent } from "../conversations/conversation-store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import { modelContext } from "../conversations/model-context.ts";

/** Who answered in the part of a conversation that the caller kept. */
const callerAuthor = { api: "openai-responses", provider: "openclaw", model: "caller-context" } as const;

/** Messages that are copied when a conversation parts at most; the newest. */
const maxCopied = 2_000;

/** What a turn is asked, and what comes before that without being part of the run. */
export type Asked = { before: readonly TranscriptMessage[]; asked: readonly TranscriptMessage[] };

/** What enters the transcript when the turn of a caller starts, the copy of another conversation included. */
export async function askedByCaller(
  conversations: Pick<Conversations, "history" | "whole">,
  session: StoredSession,
  caller: CallerRequest,
  how: { runId: string; now: number },
): Promise<Asked> {
  const known = (await modelContext(conversations, session)).map(({ message }) => message);
  if (known.length > 0 || !caller.forkOf) return callerMessages(caller, known, how);
  const { sessionId, seq } = caller.forkOf;
  const original = await conversations.history(sessionId, { limit: maxCopied, beforeSeq: seq + 1 });
  const copied = (await conversations.whole(sessionId, original))
    .map(({ message }) => message)
    .filter(({ role }) => role !== "system");
  const { asked } = callerMessages(caller, copied, how);
  return { before: copied, asked };
}

/**
 * What the transcript is to have of what a caller brought. Results go to the calls that wait for them; one that nothing
 * waits for is something the caller says.
 */
export function callerMessages(
  { input, context = [] }: Pick<CallerRequest, "input" | "context">,
  history: readonly TranscriptMessage[],
  { runId, now }: { runId: string; now: number },
): Asked {
  const before = history.length === 0 ? toMessages(context, new Map(), now) : [];
  const asked = toMessages(input, openCalls([...history, ...before]), now);
  return { before, asked: asked.map((message) => withKey(message, runId)) };
}

/** Calls of the last answer that have no result yet: their names by id. */
export function openCalls(history: readonly TranscriptMessage[]): Map<string, string> {
  const open = new Map<string, string>();
  const last = history.findLastIndex(({ role }) => role === "assistant");
  for (const message of history.slice(Math.max(last, 0))) {
    if (message.role === "assistant")
      for (const part of message.content) if (part.type === "toolCall") open.set(part.id, part.name);
    if (message.role === "toolResult") open.delete(message.toolCallId);
  }
  return open;
}

function toMessages(items: readonly CallerItem[], open: Map<string, string>, timestamp: number): TranscriptMessage[] {
  const messages: TranscriptMessage[] = [];
  // What is said in one go is one message.
  const say = (content: UserContent): void => {
    const last = messages.at(-1);
    if (last?.role === "user") last.content.push(...content);
    else messages.push({ role: "user", content: [...content], timestamp } satisfies UserMessage);
  };
  const answer = (part: AssistantMessage["content"][number], stopReason: StopReason): void => {
    const last = messages.at(-1);
    if (last?.role === "assistant") {
      last.content.push(part);
      last.stopReason = stopReason;
      return;
    }
    const message = { role: "assistant" as const, content: [part], ...callerAuthor, usage: zeroUsage() };
    messages.push({ ...message, stopReason, timestamp });
  };
  for (const item of items) {
    switch (item.type) {
      case "message":
        say(item.content);
        break;
      case "answer":
        answer({ type: "text", text: item.text }, "stop");
        break;
      case "call":
        open.set(item.callId, item.name);
        answer({ type: "toolCall", id: item.callId, name: item.name, arguments: item.arguments }, "toolUse");
        break;
      case "result": {
        const toolName = open.get(item.callId);
        if (toolName === undefined) {
          say([{ type: "text", text: `Result of the tool call ${item.callId}:` }, ...item.content]);
          break;
        }
        open.delete(item.callId);
        const { callId: toolCallId, content: given, isError = false } = item;
        const images = given.filter(({ type }) => type === "image");
        const content = images.length > 0 ? given.filter(({ type }) => type !== "image") : given;
        const result = { role: "toolResult" as const, toolCallId, toolName, content, isError, timestamp };
        messages.push(result satisfies ToolResultMessage);
        // Few providers take images as the result of a tool; as part of a message all of them do that take any.
        if (images.length > 0) say([{ type: "text", text: `Images of the result of ${toolName}:` }, ...images]);
        break;
      }
      default:
        item satisfies never;
    }
  }
  return messages;
}

/** Clients recognise their own message by it. */
const withKey = (message: TranscriptMessage, runId: string): TranscriptMessage =>
  message.role === "user" ? { ...message, idempotencyKey: `${runId}:user` } : message;

export const withIds = <M extends TranscriptMessage>(messages: readonly M[], runId?: string) =>
  messages.map((message) => ({ id: randomUUID(), message, ...(runId !== undefined && { runId }) }));
