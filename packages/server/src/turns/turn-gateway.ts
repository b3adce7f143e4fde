import {
  canonicalSessionKey,
  findMethod,
  GatewayError,
  hasScope,
  isSubagentKey,
  type Params,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { SessionVisibility } from "../config/schema.ts";
import type { StoredRun, StoredSession } from "../conversations/conversation-store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import { spawnDepthOf } from "../conversations/session-row.ts";
import type { CallMethod } from "../rpc/handler.ts";
import type { Principal } from "../rpc/principal.ts";
import type { AgentMethod, TurnGateway } from "../runtime/agent-runtime.ts";

/** Makes the way of one turn's tools to the gateway; none for a turn in nobody's name. */
export type TurnGateways = (
  run: Pick<StoredRun, "agentId" | "sessionKey"> & { input: Pick<StoredRun["input"], "causedBy"> },
  session: Pick<StoredSession, "key" | "settings">,
  signal: AbortSignal,
) => TurnGateway | undefined;

/** An agent never has more than these, whoever it works for. */
const agentScopes = ["operator.read", "operator.write"] as const;
/** How far up a session's origins are followed. */
const maxGenerations = 10;

const ofSessions: readonly AgentMethod[] = ["sessions.spawn", "sessions.list", "chat.history"];
const ofConversations: readonly AgentMethod[] = ["chat.send", "agent.wait"];

export function createTurnGateways(deps: {
  call: CallMethod;
  conversations: Pick<Conversations, "session">;
  keys: () => SessionKeyDefaults;
  /** As they are now; a turn that runs follows them too. */
  settings: () => { sessionVisibility: SessionVisibility; maxSpawnDepth: number };
}): TurnGateways {
  const { call, conversations, keys, settings } = deps;

  /** A sub-agent does its task; only one that may have sub-agents of its own is given the means. */
  function methodsOf(session: Pick<StoredSession, "key" | "settings">, principal: Principal): ReadonlySet<AgentMethod> {
    const isSubagent = isSubagentKey(session.key);
    const mayGiveAway = spawnDepthOf(session.key, session) < settings().maxSpawnDepth;
    const methods = [...(isSubagent && !mayGiveAway ? [] : ofSessions), ...(isSubagent ? [] : ofConversations)];
    return new Set(
      methods.filter((method) => {
        if (method === "sessions.spawn" && !mayGiveAway) return false;
        const scope = findMethod(method)?.scope;
        return scope === undefined || hasScope(principal.scopes, scope);
      }),
    );
  }

  return (run, session, signal) => {
    const { causedBy } = run.input;
    if (!causedBy) return undefined;
    const own = run.sessionKey;
    const principal: Principal = {
      id: `agent:${run.agentId}:${causedBy.id}`,
      role: "operator",
      scopes: agentScopes.filter((scope) => hasScope(causedBy.scopes, scope)),
      displayName: run.agentId,
      causedByAgent: true,
    };
    const methods = methodsOf(session, principal);
    if (methods.size === 0) return undefined;
    const started = new Set<string>();

    async function descends(key: string): Promise<boolean> {
      let current = key;
      for (let n = 0; n < maxGenerations; n++) {
        const parent = (await conversations.session(current))?.settings["spawnedBy"];
        if (typeof parent !== "string") return false;
        if (parent === own) return true;
        current = parent;
      }
      return false;
    }

    async function isVisible(key: string): Promise<boolean> {
      if (key === own) return true;
      const { sessionVisibility } = settings();
      switch (sessionVisibility) {
        case "all":
          return true;
        case "agent":
          return parseSessionKey(key)?.agentId === parseSessionKey(own)?.agentId;
        case "tree":
          return descends(key);
        case "self":
          return false;
        default:
          return sessionVisibility satisfies never;
      }
    }

    async function visible(sessionKey: string): Promise<string> {
      const key = canonicalSessionKey(sessionKey, keys());
      if (await isVisible(key)) return key;
      throw new GatewayError(
        "FORBIDDEN",
        `session ${key} cannot be reached from ${own} (tools.sessions.visibility is "${settings().sessionVisibility}")`,
        { details: { reason: "session-visibility" } },
      );
    }

    /** What a method may be asked, beyond what the scopes say. */
    const guards: { [M in AgentMethod]: (params: Params<M>) => Params<M> | Promise<Params<M>> } = {
      "sessions.spawn": (params) => ({ ...params, parentSessionKey: own }),
      "sessions.list": (params) => {
        const reach = settings().sessionVisibility;
        if (reach === "all") return params;
        return { ...params, ...(reach === "agent" ? { agentId: run.agentId } : { spawnedBy: own }) };
      },
      "chat.history": async (params) => ({ ...params, sessionKey: await visible(params.sessionKey) }),
      "chat.send": async (params) => {
        const sessionKey = await visible(params.sessionKey);
        if (sessionKey === own)
          throw new GatewayError("INVALID_REQUEST", "a turn cannot send a message to its own session");
        started.add(params.idempotencyKey);
        return { ...params, sessionKey };
      },
      "agent.wait": (params) => {
        if (!started.has(params.runId))
          throw new GatewayError("FORBIDDEN", "only runs of this turn's own messages can be waited for");
        return params;
      },
    };

    return {
      methods,
      call: async <M extends AgentMethod>(method: M, params: Params<M>): Promise<Result<M>> => {
        if (signal.aborted) throw new GatewayError("UNAVAILABLE", "the turn is over");
        if (!methods.has(method)) throw new GatewayError("FORBIDDEN", `tools of this turn may not call ${method}`);
        return call(method, await guards[method](params), { principal, signal });
      },
    };
  };
}
