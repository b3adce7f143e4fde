import { randomUUID } from "node:crypto";
import { GatewayError, type MethodGroups, protocolOneMethods } from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { type Handlers, implement } from "../../rpc/handler.ts";
import { longestWaitMs, type Turns } from "../../turns/turns.ts";

type SessionName = { sessionKey?: string | undefined; sessionId?: string | undefined };

/** Methods as protocol 1 knows them; what they do is done by the handlers of today's. */
export function createProtocolOne(deps: {
  chat: Pick<Handlers<MethodGroups["chat"]>, "chat.send" | "chat.history" | "chat.abort">;
  agent: Pick<Handlers<MethodGroups["agent"]>, "agent">;
  turns: Turns;
  conversations: Conversations;
}) {
  const { chat, agent, turns, conversations } = deps;

  async function keyOf({ sessionKey, sessionId }: SessionName): Promise<string | undefined> {
    if (sessionKey !== undefined || sessionId === undefined) return sessionKey;
    return (await conversations.sessionById(sessionId))?.key ?? sessionId;
  }

  async function keyFor(method: string, name: SessionName): Promise<string> {
    const key = await keyOf(name);
    if (key !== undefined) return key;
    throw new GatewayError("INVALID_REQUEST", `invalid ${method} params: must have required property 'sessionKey'`);
  }

  return implement(protocolOneMethods, {
    "chat.send": async ({ sessionKey, sessionId, idempotencyKey: runId = randomUUID(), ...params }, ctx) => {
      const key = await keyFor("chat.send", { sessionKey, sessionId });
      const answered = await chat["chat.send"]({ ...params, sessionKey: key, idempotencyKey: runId }, ctx);
      // A word that stops runs starts none.
      if (answered.runId === undefined) return { type: "message", content: "", aborted: answered.aborted === true };
      ctx.accept({ status: "accepted", runId });
      const outcome = await turns.wait(runId, longestWaitMs, ctx.signal);
      if (outcome?.state === "failed") throw new GatewayError("UNAVAILABLE", outcome.error ?? "the run failed");
      const content = outcome?.payloads.map(({ text }) => text).join("\n\n") ?? "";
      return { type: "message", content, runId, ...(outcome?.state !== "done" && { aborted: true }) };
    },
    "chat.history": async ({ limit, ...name }, ctx) =>
      chat["chat.history"]({ sessionKey: await keyFor("chat.history", name), limit }, ctx),
    "chat.abort": async ({ runId, ...name }, ctx) =>
      chat["chat.abort"]({ sessionKey: await keyFor("chat.abort", name), runId }, ctx),
    agent: async ({ sessionKey, sessionId, idempotencyKey = randomUUID(), ...params }, ctx) => {
      const { runId, status, result } = await agent.agent(
        { ...params, sessionKey: await keyOf({ sessionKey, sessionId }), idempotencyKey },
        { ...ctx, accept: ({ runId: id, status: stage }) => ctx.accept({ status: stage, runId: id }) },
      );
      return { text: result?.payloads.map(({ text = "" }) => text).join("\n\n") ?? "", runId, status };
    },
  });
}
