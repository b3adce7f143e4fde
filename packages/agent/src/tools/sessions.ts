import { randomUUID } from "node:crypto";
import { GatewayError, type Params, type Result, visibleText } from "@openclaw-gateway/protocol";
import type { AgentMethod } from "@openclaw-gateway/server";
import { z } from "zod";
import { defineTool, textResult, type ToolContext, ToolError } from "./tool.ts";

const defaultMessages = 20;
/** Characters of one message, and of all, that a model is shown of another session. */
const maxMessageChars = 4_000;
const maxHistoryChars = 40_000;
const defaultReplySeconds = 30;

/** Asks the gateway; a refusal is told to the model in the gateway's own words. */
async function ask<M extends AgentMethod>({ gateway }: ToolContext, method: M, params: Params<M>): Promise<Result<M>> {
  if (!gateway) throw new ToolError("this turn cannot reach the gateway");
  try {
    return await gateway.call(method, params);
  } catch (error) {
    if (error instanceof GatewayError) throw new ToolError(error.message);
    throw error;
  }
}

/** Gives work to a sub-agent. */
export const sessionsSpawnTool = defineTool({
  name: "sessions_spawn",
  description:
    "Start a sub-agent that does a task in a session of its own while you go on. Its end comes to you later as a message; do not wait or ask for it.",
  needs: ["sessions.spawn"],
  params: z.object({
    task: z.string().min(1).describe("Everything the sub-agent needs to know; it does not see this conversation"),
    label: z.string().min(1).max(64).optional().describe("Short name of the task"),
    agentId: z.string().min(1).optional().describe("Another agent that should do it"),
    model: z.string().min(1).optional().describe("provider/model or an alias"),
    thinking: z.string().min(1).optional().describe("off, minimal, low, medium or high"),
    runTimeoutSeconds: z.number().min(0).optional().describe("Stop it after this time"),
    budget: z.number().positive().optional().describe("USD that it may spend"),
    cleanup: z.enum(["keep", "delete"]).optional().describe("Whether its session is kept after the report"),
  }),
  about: ({ label, task }) => label ?? shortened(task, 80),
  run: async ({ runTimeoutSeconds, ...params }, context) => {
    const spawned = await ask(context, "sessions.spawn", {
      ...defined(params),
      ...(runTimeoutSeconds !== undefined && { timeout: runTimeoutSeconds }),
    });
    const { status, childSessionKey, runId } = spawned;
    const details = { status, childSessionKey, runId };
    return textResult(JSON.stringify(details), details);
  },
});

/** The sessions that can be reached. */
export const sessionsListTool = defineTool({
  name: "sessions_list",
  description: "List the sessions you can reach beside this one, those used last first.",
  needs: ["sessions.list"],
  params: z.object({
    limit: z.int().min(1).max(100).optional(),
    activeMinutes: z.int().min(1).optional().describe("Only those used in the last minutes"),
    search: z.string().optional().describe("Words in key, label or title"),
  }),
  run: async (params, context) => {
    const { sessions } = await ask(context, "sessions.list", {
      limit: 20,
      ...defined(params),
      includeDerivedTitles: true,
      includeLastMessage: true,
    });
    const rows = sessions.map(({ key, label, derivedTitle, lastMessagePreview, updatedAt }) => ({
      sessionKey: key,
      ...((label ?? derivedTitle) !== undefined && { title: label ?? derivedTitle }),
      ...(lastMessagePreview !== undefined && { lastMessage: lastMessagePreview }),
      updatedAt: new Date(updatedAt).toISOString(),
    }));
    return textResult(rows.map((row) => JSON.stringify(row)).join("\n") || "There are no other sessions.", {
      count: rows.length,
      // For programs that call the tool; no model is shown it.
      sessions: sessions.map(({ key, kind, label, sessionId, updatedAt, model, contextTokens, totalTokens }) =>
        defined({ key, kind, label, sessionId, updatedAt, model, contextTokens, totalTokens }),
      ),
    });
  },
});

/** What was said in a session. */
export const sessionsHistoryTool = defineTool({
  name: "sessions_history",
  description: "Read the last messages of a session.",
  needs: ["chat.history"],
  params: z.object({
    sessionKey: z.string().min(1),
    limit: z.int().min(1).max(200).optional().describe(`Number of messages; ${defaultMessages} unless given`),
  }),
  about: ({ sessionKey }) => sessionKey,
  run: async ({ sessionKey, limit = defaultMessages }, context) => {
    const { messages } = await ask(context, "chat.history", { sessionKey, limit });
    const said = messages
      .filter(({ role }) => role !== "toolResult")
      .map((message) => `${message.role}: ${shortened(visibleText(message), maxMessageChars)}`)
      .filter((line) => !line.endsWith(": "));
    return textResult(lastOf(said, maxHistoryChars).join("\n\n") || "Nothing has been said there.", {
      sessionKey,
      count: said.length,
    });
  },
});

/** Speaks in another session. */
export const sessionsSendTool = defineTool({
  name: "sessions_send",
  description: "Send a message to another session and get the answer of its agent.",
  needs: ["chat.send", "agent.wait", "chat.history"],
  params: z.object({
    sessionKey: z.string().min(1),
    message: z.string().min(1),
    timeoutSeconds: z
      .number()
      .min(0)
      .max(600)
      .optional()
      .describe(`How long to wait for the answer; ${defaultReplySeconds} unless given, 0 does not wait`),
  }),
  about: ({ sessionKey }) => sessionKey,
  run: async ({ sessionKey, message, timeoutSeconds = defaultReplySeconds }, context) => {
    const runId = randomUUID();
    await ask(context, "chat.send", { sessionKey, message, idempotencyKey: runId });
    const details = { sessionKey, runId };
    if (timeoutSeconds === 0) return textResult("The message was sent.", { ...details, status: "accepted" });
    const { status, error } = await ask(context, "agent.wait", { runId, timeoutMs: Math.round(timeoutSeconds * 1000) });
    if (status === "timeout") {
      const text = `The message was sent; there was no answer within ${timeoutSeconds} s. Look with sessions_history later.`;
      return textResult(text, { ...details, status });
    }
    if (status === "error") throw new ToolError(`the other session failed: ${error ?? "unknown reason"}`);
    const { messages } = await ask(context, "chat.history", { sessionKey, limit: defaultMessages });
    const reply = messages.findLast((each) => each.role === "assistant" && visibleText(each).trim() !== "");
    const text = reply ? shortened(visibleText(reply), maxHistoryChars) : "It gave no answer.";
    return textResult(text, { ...details, status });
  },
});

const shortened = (text: string, maxChars: number): string =>
  text.length > maxChars ? `${text.slice(0, maxChars)} […]` : text;

/** As many of the last entries as fit. */
function lastOf(entries: readonly string[], maxChars: number): readonly string[] {
  let chars = 0;
  const from = entries.findLastIndex((entry) => (chars += entry.length) > maxChars);
  return entries.slice(from + 1);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
/** Without members that the model left out. */
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
