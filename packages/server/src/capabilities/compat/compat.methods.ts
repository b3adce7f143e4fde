import { randomUUID } from "node:crypto";
import { methodGroups, type MethodGroups } from "@openclaw-gateway/protocol";
import type { Clock } from "../../platform/clock.ts";
import { type Handlers, implement } from "../../rpc/handler.ts";

/** Other names of whole methods; what they do is done by the handlers of those. */
export function createCompat(deps: {
  sessions: Pick<Handlers<MethodGroups["sessions"]>, "sessions.list">;
  chat: Pick<Handlers<MethodGroups["chat"]>, "chat.send" | "chat.history" | "chat.abort">;
  clock: Clock;
}) {
  const { sessions, chat, clock } = deps;
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
    sessions_kill: (params, ctx) => chat["chat.abort"](params, ctx),
    subscribe: () => ({ ok: true }),
    unsubscribe: () => ({ ok: true }),
    ping: () => ({ ok: true, ts: clock.now() }),
  });
}
