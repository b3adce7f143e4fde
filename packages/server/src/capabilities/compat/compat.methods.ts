import { randomUUID } from "node:crypto";
import {
  canonicalSessionKey,
  methodGroups,
  type MethodGroups,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { Clock } from "../../platform/clock.ts";
import { type Handlers, implement } from "../../rpc/handler.ts";

/** Other names of whole methods; what they do is done by the handlers of those. */
export function createCompat(deps: {
  sessions: Pick<Handlers<MethodGroups["sessions"]>, "sessions.list">;
  chat: Pick<Handlers<MethodGroups["chat"]>, "chat.send" | "chat.history" | "chat.abort">;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  /** Stops the sub-agents of a session. */
  stopChildren: (parentKey: string, stopReason: string) => Promise<void>;
}) {
  const { sessions, chat, clock, keys, stopChildren } = deps;
  return implement(methodGroups.compat, {
    sessions_list: async ({ kinds, ...params }, ctx) => {
      const list = await sessions["sessions.list"](params, ctx);
      if (!kinds || kinds.length === 0) return list;
      const ofKinds = list.sessions.filter(({ kind }) => kinds.includes(kind));
      return { ...list, sessions: ofKinds, count: ofKinds.length };
    },
    sessions_send: ({ idempotencyKey = randomUUID(), ...params }, ctx) =>
      chat["chat.send"]({ ...params, idempotencyKey }, ctx),
    sessions_history: (params, ctx) => chat["chat.history"](params, ctx),
    sessions_kill: async (params, ctx) => {
      const killed = await chat["chat.abort"](params, ctx);
      await stopChildren(canonicalSessionKey(params.sessionKey, keys()), "killed");
      return killed;
    },
    subscribe: () => ({ ok: true }),
    unsubscribe: () => ({ ok: true }),
    ping: () => ({ ok: true, ts: clock.now() }),
  });
}
