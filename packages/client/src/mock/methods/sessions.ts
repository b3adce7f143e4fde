import { GatewayError, mainSessionKey, type Result, visibleText } from "@openclaw-gateway/protocol";
import type { Clock } from "../../core/index.ts";
import {
  type Conversations,
  defaultAgentId,
  entryOf,
  mainKey,
  mockModel,
  mockPath,
  type MockSession,
  modelOf,
  rowOf,
} from "../conversations.ts";
import type { MockHandlers, Parsed } from "../handlers.ts";
import type { Random } from "../random.ts";
import type { Turns } from "../turns.ts";

const refuse = (message: string): GatewayError => new GatewayError("INVALID_REQUEST", message);
const defaultLimit = 100;

export type SessionDeps = {
  clock: Clock;
  random: Random;
  conversations: Conversations;
  turns: Turns;
  requireAgent(id: string): void;
};

export function sessionMethods({ clock, random, conversations, turns, requireAgent }: SessionDeps) {
  const resolvedOf = (session: MockSession) => modelOf(session);

  function list(params: Parsed<"sessions.list">): Result<"sessions.list"> {
    const {
      limit = defaultLimit,
      offset = 0,
      activeMinutes,
      agentId,
      label,
      spawnedBy,
      search,
      archived = false,
    } = params;
    const nowMs = clock.now();
    const parentKey = spawnedBy === undefined ? undefined : conversations.canonical(spawnedBy);
    const wanted = conversations.all().filter((session) => {
      const isArchived = session.settings.get("archived") === true;
      return (
        (activeMinutes === undefined || session.updatedAtMs >= nowMs - activeMinutes * 60_000) &&
        (agentId === undefined || session.agentId === agentId) &&
        (label === undefined || session.settings.get("label") === label) &&
        (parentKey === undefined || session.parentKey === parentKey) &&
        (archived === "all" || isArchived === archived) &&
        (params.pinned === undefined || (session.settings.get("pinned") === true) === params.pinned) &&
        (search === undefined || JSON.stringify(rowOf(session)).toLowerCase().includes(search.toLowerCase()))
      );
    });
    const page = wanted.slice(offset, offset + limit);
    const hasMore = offset + limit < wanted.length;
    return {
      ts: nowMs,
      path: mockPath,
      count: page.length,
      totalCount: wanted.length,
      hasMore,
      limitApplied: limit,
      nextOffset: hasMore ? offset + limit : null,
      defaults: mockModel,
      sessions: page.map((session) =>
        rowOf(session, { titles: params.includeDerivedTitles === true, previews: params.includeLastMessage === true }),
      ),
    };
  }

  function resolve({ key, sessionId, label, allowMissing }: Parsed<"sessions.resolve">): Result<"sessions.resolve"> {
    const given = [key, sessionId, label].filter((each) => each !== undefined);
    if (given.length !== 1) throw refuse("Provide exactly one of key, sessionId or label");
    const session =
      key === undefined
        ? conversations.all().find((each) => each.sessionId === sessionId || each.settings.get("label") === label)
        : conversations.find(key);
    if (session) return { ok: true, key: session.key, agentId: session.agentId };
    if (allowMissing) return { ok: false };
    throw refuse(`No session found: ${given.join("")}`);
  }

  function spawn(params: Parsed<"sessions.spawn">): Result<"sessions.spawn"> {
    const { task, label, agentId = defaultAgentId, model, thinking, parentSessionKey = mainKey } = params;
    requireAgent(agentId);
    const runId = params.idempotencyKey ?? random.id();
    const repeated = turns.find(runId);
    const parent = conversations.open(parentSessionKey);
    const session = repeated?.session ?? conversations.open(`agent:${agentId}:subagent:${random.id()}`, parent);
    if (!repeated) {
      conversations.set(session, { label, model, thinkingLevel: thinking });
      conversations.touch(session, "create");
      if (task !== undefined) {
        const run = turns.start({ session, runId, message: task });
        void run.ended.then(() => report(run.runId, session, parent));
      }
    }
    return {
      ok: true,
      status: task === undefined ? "created" : "accepted",
      childSessionKey: session.key,
      sessionKey: session.key,
      sessionId: session.sessionId,
      parentSessionKey: parent.key,
      ...(task === undefined ? {} : { runId }),
      ...(label === undefined ? {} : { label }),
    };
  }

  /** The parent is told of the end, once, as a message of its own. */
  function report(runId: string, session: MockSession, parent: MockSession): void {
    const run = turns.find(runId);
    const label = session.settings.get("label");
    const name = typeof label === "string" ? label : session.key;
    const how = run?.state === "done" ? "has finished" : `has ${run?.state ?? "ended"}`;
    conversations.append(
      parent,
      {
        role: "user",
        content: [{ type: "text", text: `[Sub-agent] "${name}" ${how}.\n\n${run?.text || run?.error || ""}`.trim() }],
        timestamp: clock.now(),
      },
      runId,
    );
  }

  function require(key: string): MockSession {
    const session = conversations.find(key);
    if (session === undefined) throw refuse(`session not found: ${key}`);
    return session;
  }

  return {
    "sessions.list": list,
    "sessions.preview": ({ keys, limit = 12, maxChars = 240 }) => ({
      ts: clock.now(),
      previews: keys.map((key) => {
        const session = conversations.find(key);
        if (session === undefined) return { key, status: "missing", items: [] };
        const items = session.messages
          .slice(-limit)
          .map(({ message }) => ({
            role: message.role === "toolResult" ? "tool" : message.role,
            text: visibleText(message).slice(0, maxChars),
          }))
          .filter(({ text }) => text !== "");
        return { key, status: items.length === 0 ? "empty" : "ok", items };
      }),
    }),
    "sessions.patch": ({ key, expectedSessionId, expectedSessionUpdatedAt, ...settings }) => {
      const session = conversations.open(key);
      if (
        (expectedSessionId !== undefined && expectedSessionId !== session.sessionId) ||
        (expectedSessionUpdatedAt !== undefined && expectedSessionUpdatedAt !== session.updatedAtMs)
      ) {
        throw refuse("session changed; read it again and retry");
      }
      const { label } = settings;
      const owner =
        label == null ? undefined : conversations.all().find((each) => each.settings.get("label") === label);
      if (owner && owner !== session) throw refuse(`label already in use: ${label}`);
      conversations.set(session, settings);
      conversations.touch(session, "patch");
      return { ok: true, path: mockPath, key: session.key, entry: entryOf(session), resolved: resolvedOf(session) };
    },
    "sessions.reset": ({ key }) => {
      const session = conversations.open(key);
      turns.abort(session);
      conversations.reset(session);
      return { ok: true, key: session.key, entry: entryOf(session) };
    },
    "sessions.delete": ({ key, archivedOnly }) => {
      const name = conversations.canonical(key);
      if (name === mainSessionKey(defaultAgentId, mainKey)) {
        throw refuse(`Cannot delete the main session (${name}).`);
      }
      const session = conversations.find(key);
      const isWanted = session !== undefined && (!archivedOnly || session.settings.get("archived") === true);
      if (isWanted) {
        turns.abort(session);
        conversations.remove(session);
      }
      return { ok: true, key: name, deleted: isWanted, archived: [] };
    },
    "sessions.resolve": resolve,
    "sessions.describe": ({ key }) => {
      const session = conversations.find(key);
      return { session: session ? rowOf(session, { titles: true, previews: true }) : null };
    },
    "sessions.get": ({ key, limit = 200 }) => ({
      messages: (conversations.find(key)?.messages ?? []).slice(-limit).map(({ message }) => message),
    }),
    "sessions.subscribe": (params, { connection }) => {
      connection.watchesSessions = true;
      return { subscribed: true, ...(Object.keys(params).length === 0 ? {} : { list: list(params) }) };
    },
    "sessions.unsubscribe": (_params, { connection }) => {
      connection.watchesSessions = false;
      return { subscribed: false };
    },
    "sessions.messages.subscribe": ({ key }, { connection }) => {
      const name = conversations.canonical(key);
      connection.watchedKeys.add(name);
      return { subscribed: true, key: name };
    },
    "sessions.messages.unsubscribe": ({ key }, { connection }) => {
      const name = conversations.canonical(key);
      connection.watchedKeys.delete(name);
      return { subscribed: false, key: name };
    },
    "sessions.create": (params) => {
      const { key, agentId = defaultAgentId, label, model, parentSessionKey, message, thinking } = params;
      requireAgent(agentId);
      const parent = parentSessionKey === undefined ? undefined : require(parentSessionKey);
      const session = conversations.open(key ?? `agent:${agentId}:dashboard:${random.id()}`, parent);
      conversations.set(session, { label, model, thinkingLevel: thinking });
      conversations.touch(session, "create");
      const runId = params.idempotencyKey ?? random.id();
      const started =
        message === undefined || message === ""
          ? undefined
          : (turns.find(runId) ?? turns.start({ session, runId, message, attachments: params.attachments }));
      return {
        ok: true,
        key: session.key,
        sessionId: session.sessionId,
        entry: entryOf(session),
        resolved: resolvedOf(session),
        runStarted: started !== undefined,
        ...(started ? { runId, status: "started", messageSeq: session.messages.length + 1 } : {}),
      };
    },
    "sessions.spawn": spawn,
    sessions_spawn: spawn,
    sessions_list: ({ kinds = [], ...params }) => {
      const all = list(params);
      const sessions = all.sessions.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
      return { ...all, sessions, count: sessions.length };
    },
  } satisfies MockHandlers;
}
