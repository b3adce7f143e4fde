import {
  dialects,
  describeIssues,
  type EventName,
  GatewayError,
  type HelloOk,
  type MethodName,
  type MethodSpec,
  missingScope,
  negotiate,
  type Payload,
  renameAliases,
  withoutUnknownKeys,
} from "@openclaw-gateway/protocol";
import { hasScope, limits } from "@openclaw-gateway/protocol/wire";
import { type Clock, type OpenSocket, systemClock } from "../core/index.ts";
import { createApprovals } from "./approvals.ts";
import { createMockConnection, type MockConnection } from "./connection.ts";
import { createConversations, defaultAgentId, mainKey, type MockSession, rowOf } from "./conversations.ts";
import type { MockCall, MockHandlers } from "./handlers.ts";
import { createAgents } from "./methods/agents.ts";
import { approvalMethods } from "./methods/approvals.ts";
import { chatMethods } from "./methods/chat.ts";
import { sessionMethods } from "./methods/sessions.ts";
import { healthOf, presenceList, type SystemDeps, systemMethods } from "./methods/system.ts";
import { createRandom } from "./random.ts";
import { defaultReply, type MockReply } from "./script.ts";
import { createStreams, isFollowed, streamMethods } from "./streams.ts";
import { createTurns } from "./turns.ts";

/** Nothing is needed. Times are milliseconds. */
export type MockGatewayOptions = {
  /** Ids and phrases are the same for the same seed and the same calls. Default: 1. */
  seed?: number;
  clock?: Clock;
  /** Between two words of an answer. Default: 5. */
  stepMs?: number;
  /** What agents say. Default: an echo; see `defaultReply`. */
  reply?: MockReply;
  /** Names of agents beside `main`. */
  agents?: readonly string[];
  /** What clients have to show; any credential is right unless given. */
  token?: string;
  tickIntervalMs?: number;
};

/** A gateway in memory, for programs and tests that have none. Nothing it does is real, and nothing is stored. */
export interface MockGateway {
  /** The transport to it: hand it to a client in the place of a socket. Any address leads there. */
  readonly openSocket: OpenSocket;
  /** What it can do; every other method is unknown to it. */
  readonly methods: readonly MethodName[];
  /** Sends an event to every client that may see it, as if it had happened. */
  publish<E extends EventName>(event: E, payload: Payload<E>): void;
  /**
   * Ends every connection, or the one that `hello-ok` names so, as a restart does (1012) or as told. State stays; clients may
   * come back.
   */
  disconnect(which?: { connId?: string; code?: number; reason?: string }): void;
}

/** The protocol it speaks. */
const dialect = negotiate(4, 4) ?? dialects[0];
const version = "2026.11.20";

/** Makes a simulated gateway; it does nothing until somebody connects, and nothing has to be stopped. */
export function createMockGateway(options: MockGatewayOptions = {}): MockGateway {
  const { clock = systemClock, seed = 1, stepMs = 5, reply = defaultReply, token } = options;
  const { tickIntervalMs = limits.tickIntervalMs } = options;
  const random = createRandom(seed);
  const startedAtMs = clock.now();
  const connections = new Set<MockConnection>();

  const conversations = createConversations(clock, random, {
    changed: (session, key, reason) => publishChanged(session, key, reason),
    message: (_session, payload) => publish("session.message", payload),
  });
  const streams = createStreams(random.id());
  const approvals = createApprovals({ clock, random, publish });
  const turns = createTurns({ clock, random, conversations, approvals, reply, stepMs, publish });
  const agents = createAgents(clock, options.agents ?? []);
  const system: SystemDeps = { clock, conversations, connections, agentIds: agents.ids };
  const capabilities = { clock, random, conversations, turns, requireAgent: (id: string) => void agents.require(id) };
  const handlers: MockHandlers = {
    ...systemMethods(system),
    ...agents.methods,
    ...sessionMethods(capabilities),
    ...chatMethods(capabilities),
    ...approvalMethods(approvals),
    ...streamMethods({ streams, turns, conversations }),
  };
  const table = new Map(Object.entries(handlers));

  function publish<E extends EventName>(event: E, payload: Payload<E>): void {
    const told = dialect?.encodeEvent(event, payload)?.payload ?? payload;
    const position = streams.place(event, payload);
    for (const connection of connections) {
      const isWanted = isFollowed(connection, position) || wants(connection, event, payload);
      if (isWanted) connection.send(event, told, position);
    }
  }

  function publishChanged(session: MockSession | undefined, sessionKey: string, reason: string): void {
    publish("sessions.changed", {
      sessionKey,
      ts: clock.now(),
      reason,
      ...(session ? { agentId: session.agentId, session: rowOf(session, { titles: true, previews: true }) } : {}),
    });
  }

  function call(
    connection: MockConnection,
    method: string,
    given: unknown,
    accept: (payload: unknown) => void,
  ): unknown {
    const spec = dialect?.methods.get(method);
    const handler = table.get(method);
    if (spec === undefined || handler === undefined) {
      throw new GatewayError("INVALID_REQUEST", `unknown method: ${method}`);
    }
    if (spec.scope !== undefined && !hasScope(connection.scopes, spec.scope)) throw missingScope(spec.scope);
    const answer = (handler as (params: unknown, call: MockCall) => unknown)(readParams(method, spec, given), {
      connection,
      accept: (payload) => accept(checked(`${method}, accepted`, spec.accepted, payload)),
    });
    return answer instanceof Promise
      ? answer.then((late: unknown) => checked(method, spec.result, late))
      : checked(method, spec.result, answer);
  }

  function hello(connection: MockConnection): HelloOk {
    return {
      type: "hello-ok",
      protocol: 4,
      server: { version, connId: connection.connId, host: "mock" },
      features: {
        methods: [...table.keys()].filter((name) => dialect?.methods.get(name)?.hidden !== true),
        events: [
          "connect.challenge",
          "tick",
          "presence",
          "agent",
          "chat",
          "sessions.changed",
          "session.message",
          "exec.approval.requested",
          "exec.approval.resolved",
        ],
      },
      snapshot: {
        presence: presenceList(system),
        health: healthOf(system),
        stateVersion: { presence: 1, health: 1 },
        uptimeMs: clock.now() - startedAtMs,
        authMode: token === undefined ? "none" : "token",
        sessionDefaults: {
          defaultAgentId,
          mainKey,
          mainSessionKey: `agent:${defaultAgentId}:${mainKey}`,
          scope: "per-sender",
        },
      },
      auth: { role: "operator", scopes: [...connection.scopes], method: token === undefined ? "none" : "token" },
      policy: { maxPayload: limits.payloadBytes, maxBufferedBytes: limits.bufferedBytes, tickIntervalMs },
    };
  }

  return {
    methods: [...table.keys()] as MethodName[],
    publish,
    disconnect: ({ connId, code = 1012, reason = "service restart" } = {}) => {
      for (const connection of Array.from(connections)) {
        if (connId === undefined || connection.connId === connId) connection.close(code, reason);
      }
    },
    openSocket: (_url, listener) => {
      let stopTicks = (): void => {};
      const link = createMockConnection({
        connId: random.id(),
        nonce: random.id(),
        nowMs: () => clock.now(),
        listener,
        hello,
        call,
        refuse: ({ role = "operator", minProtocol, maxProtocol, auth }) => {
          if (minProtocol > 4 || maxProtocol < 4) return new GatewayError("INVALID_REQUEST", "protocol mismatch");
          if (role !== "operator") return new GatewayError("INVALID_REQUEST", `unauthorized role: ${role}`);
          if (token === undefined || auth?.token === token) return undefined;
          return new GatewayError(
            "INVALID_REQUEST",
            "unauthorized: gateway token mismatch (the mock gateway has another)",
            {
              details: { code: "AUTH_TOKEN_MISMATCH" },
            },
          );
        },
        onReady: (connection) => {
          connections.add(connection);
          const tick = (): void => {
            stopTicks = clock.at(clock.now() + tickIntervalMs, () => {
              connection.send("tick", { ts: clock.now() });
              tick();
            });
          };
          tick();
          // Everybody hears of it, the newcomer after its hello-ok.
          queueMicrotask(() => publish("presence", { presence: presenceList(system) }));
        },
        onGone: (connection) => {
          stopTicks();
          connections.delete(connection);
          publish("presence", { presence: presenceList(system) });
        },
      });
      queueMicrotask(() => {
        listener.onOpen();
        link.challenge();
      });
      return { send: (text) => queueMicrotask(() => link.receive(text)), close: link.close };
    },
  };
}

/** Whether a connection has asked for an event that not everybody is sent. */
function wants(connection: MockConnection, event: EventName, payload: unknown): boolean {
  const { sessionKey, stream } = payload as { sessionKey?: string; stream?: string };
  if (event === "sessions.changed") return connection.watchesSessions;
  if (event === "session.message") return sessionKey !== undefined && connection.watchedKeys.has(sessionKey);
  return event !== "agent" || stream !== "tool" || connection.caps.has("tool-events");
}

/** What the real one does: older names, the schema, its words; what newer clients add is dropped. */
function readParams(method: string, spec: MethodSpec, given: unknown): unknown {
  const read = withoutUnknownKeys(spec.params).safeParse(renameAliases(given ?? {}, spec.aliases), {
    reportInput: true,
  });
  if (read.success) return read.data;
  throw new GatewayError("INVALID_REQUEST", `invalid ${method} params: ${describeIssues(read.error.issues)}`);
}

/** A mock that answers what the real one would not is worse than none. */
function checked(what: string, schema: MethodSpec["result"] | undefined, value: unknown): unknown {
  const read = schema?.safeParse(value);
  if (read === undefined || read.success) return value;
  throw new Error(`${what}: the simulated answer does not fit: ${describeIssues(read.error.issues)}`);
}
