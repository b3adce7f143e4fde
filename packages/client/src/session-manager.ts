import type { ChatEvent, EventName, Params, Payload, Result, SessionRow } from "@openclaw-gateway/protocol";
import { canonicalSessionKey, type EventFrame, type SessionKeyDefaults } from "@openclaw-gateway/protocol/wire";
import { type Clock, ConnectionError, createRandomId, systemClock, type Unsubscribe } from "./core/index.ts";
import { createListeners } from "./core/listeners.ts";
import {
  type ClientEvents,
  GatewayClient,
  type SessionsListParams,
  type SessionsSendOptions,
} from "./gateway-client.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { type SessionNode, treeOf } from "./session-tree.ts";
import { afterChat, isOver, type SessionStatus, type TrackedSession } from "./tracked-session.ts";

/** What a manager tells of its sessions, beside everything its client tells. */
export type SessionEvents = {
  "session.spawned": Result<"sessions.spawn">;
  "session.sent": { sessionKey: string; runId: string };
  "session.killed": { sessionKey: string; runIds: readonly string[] };
  /** A session it tracks has another status. */
  "session.status": TrackedSession;
  /** Every event frame of the gateway. */
  event: EventFrame;
};

/** A message to a session, and how it is sent. */
export type SessionsSendParams = SessionsSendOptions & { sessionKey: string; message: string };

/** Milliseconds. */
const hour = 3_600_000;
const minute = 60_000;

/**
 * Sessions on top of a client: begins them, speaks to them, stops them, and knows where each that it has begun or spoken to
 * stands. With a client of the caller it uses that connection and leaves it open; without one it has its own.
 */
export class SessionManager {
  readonly client: GatewayClient;
  readonly #isOwnClient: boolean;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, TrackedSession>();
  readonly #listeners = {
    "session.spawned": createListeners<SessionEvents["session.spawned"]>(),
    "session.sent": createListeners<SessionEvents["session.sent"]>(),
    "session.killed": createListeners<SessionEvents["session.killed"]>(),
    "session.status": createListeners<SessionEvents["session.status"]>(),
  };
  /** While a spawn is unanswered its session is not known yet: what is told meanwhile waits. */
  #spawning = 0;
  #early: ChatEvent[] = [];
  #stopListening: Unsubscribe | undefined;
  #defaults: SessionKeyDefaults | undefined;

  constructor(config: GatewayConfig = {}, client?: GatewayClient) {
    this.client = client ?? new GatewayClient(config);
    this.#isOwnClient = client === undefined;
    this.#clock = config.clock ?? systemClock;
    this.#listen();
  }

  /** Connects its client, unless that is connected. Rejects as `GatewayClient.connect` does. */
  async connect(): Promise<void> {
    this.#listen();
    await this.client.connect();
  }

  /** Tracks nothing any more, and closes the connection when it is its own. */
  async disconnect(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    if (this.#isOwnClient) await this.client.disconnect();
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /** Recent sessions, newest first, whoever began them. */
  sessionsList(params?: SessionsListParams): Promise<SessionRow[]> {
    return this.client.sessionsList(params);
  }

  /** Every session under the one that started it. Reads all pages of the list. */
  async sessionsTree(params: Omit<Params<"sessions.list">, "offset" | "cursor"> = {}): Promise<SessionNode[]> {
    const rows = new Map<string, SessionRow>();
    for (let offset: number | null | undefined = 0; typeof offset === "number";) {
      const page: Result<"sessions.list"> = await this.client.request("sessions.list", {
        ...params,
        ...(offset === 0 ? {} : { offset }),
      });
      const before = rows.size;
      // A session that was used meanwhile comes a second time, further up.
      for (const row of page.sessions) rows.set(row.key, row);
      offset = page.hasMore && rows.size > before ? page.nextOffset : undefined;
    }
    return treeOf([...rows.values()]);
  }

  /** Begins a session of its own, for a task or empty. */
  async sessionsSpawn(params: Params<"sessions.spawn"> = {}): Promise<Result<"sessions.spawn">> {
    this.#spawning++;
    try {
      const spawned = await this.client.sessionsSpawn(params);
      const { sessionKey, sessionId, runId } = spawned;
      const nowMs = this.#clock.now();
      this.#put({
        sessionKey,
        sessionId,
        status: runId === undefined ? "idle" : "spawning",
        runId,
        taskRunId: runId,
        spawnedAtMs: nowMs,
        lastActivityMs: nowMs,
        error: undefined,
      });
      this.#listeners["session.spawned"].call(spawned);
      for (const event of this.#early.splice(0)) this.#take(event);
      return spawned;
    } finally {
      this.#spawning--;
      if (this.#spawning === 0) this.#early = [];
    }
  }

  /** Sends a message to any session and tracks it from then on. */
  async sessionsSend({ sessionKey: name, message, ...options }: SessionsSendParams): Promise<Result<"chat.send">> {
    const { idempotencyKey: runId = createRandomId() } = options;
    await this.connect();
    const sessionKey = this.#keyOf(name);
    const before = this.#sessions.get(sessionKey);
    const nowMs = this.#clock.now();
    // Known before it is sent: the first events may be as fast as the answer.
    this.#put({
      sessionId: undefined,
      taskRunId: undefined,
      spawnedAtMs: nowMs,
      ...before,
      sessionKey,
      runId,
      status: "running",
      error: undefined,
      lastActivityMs: nowMs,
    });
    try {
      const sent = await this.client.sessionsSend(name, message, { ...options, idempotencyKey: runId });
      this.#listeners["session.sent"].call({ sessionKey, runId: sent.runId ?? runId });
      return sent;
    } catch (error) {
      // Nothing was begun; it is as it was.
      if (this.#sessions.get(sessionKey)?.runId === runId) {
        if (before) this.#put(before);
        else this.#sessions.delete(sessionKey);
      }
      throw error;
    }
  }

  sendMessage(sessionKey: string, message: string): Promise<Result<"chat.send">> {
    return this.sessionsSend({ sessionKey, message });
  }

  /** The newest messages of a session, oldest first. */
  sessionsHistory(sessionKey: string, limit?: number): Promise<Result<"chat.history">["messages"]> {
    return this.client.sessionsHistory(sessionKey, limit);
  }

  /** Stops what a session and its sub-agents do. */
  async sessionsKill(name: string): Promise<Result<"chat.abort">> {
    const killed = await this.client.sessionsKill(name);
    const sessionKey = this.#keyOf(name);
    const session = this.#sessions.get(sessionKey);
    if (session) this.#put({ ...session, status: "completed", lastActivityMs: this.#clock.now() });
    this.#listeners["session.killed"].call({ sessionKey, runIds: killed.runIds });
    return killed;
  }

  /** A session it tracks. */
  getSession(sessionKey: string): TrackedSession | undefined {
    return this.#sessions.get(this.#keyOf(sessionKey));
  }

  /** Every session it tracks, in the order in which they came. */
  getAllSessions(): TrackedSession[] {
    return [...this.#sessions.values()];
  }

  getSessionsByStatus(status: SessionStatus): TrackedSession[] {
    return this.getAllSessions().filter((session) => session.status === status);
  }

  /**
   * Resolves with the session once it has one of the statuses. Rejects when it is not tracked, when it fails while another
   * status was wanted, and with `ConnectionError("timeout")` after `timeoutMs` (default: one minute).
   */
  waitForStatus(
    name: string,
    wanted: SessionStatus | readonly SessionStatus[],
    timeoutMs: number = minute,
  ): Promise<TrackedSession> {
    const sessionKey = this.#keyOf(name);
    const statuses: readonly SessionStatus[] = typeof wanted === "string" ? [wanted] : wanted;
    const { promise, resolve, reject } = Promise.withResolvers<TrackedSession>();
    const judge = (session: TrackedSession): boolean => {
      if (statuses.includes(session.status)) resolve(session);
      else if (session.status === "failed")
        reject(new Error(`session ${sessionKey} failed: ${session.error ?? "unknown"}`));
      else return false;
      return true;
    };
    const present = this.#sessions.get(sessionKey);
    if (present === undefined) return Promise.reject(new Error(`session ${sessionKey} is not tracked by this manager`));
    if (judge(present)) return promise;
    const off = this.on("session.status", (session) => void (session.sessionKey === sessionKey && judge(session)));
    const cancel = this.#clock.at(this.#clock.now() + timeoutMs, () =>
      reject(
        new ConnectionError("timeout", `session ${sessionKey}: not ${statuses.join(" or ")} within ${timeoutMs}ms`),
      ),
    );
    return promise.finally(() => {
      off();
      cancel();
    });
  }

  /** Forgets sessions that ended longer ago than this (default: one hour) and says how many; the gateway keeps them. */
  cleanupSessions(olderThanMs: number = hour): number {
    const nowMs = this.#clock.now();
    const old = this.getAllSessions().filter((each) => isOver(each) && nowMs - each.lastActivityMs > olderThanMs);
    for (const { sessionKey } of old) this.#sessions.delete(sessionKey);
    return old.length;
  }

  /** Listens to an event of a session, of the client, or of the gateway. */
  on<E extends keyof SessionEvents>(event: E, listener: (payload: SessionEvents[E]) => void): Unsubscribe;
  on<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): Unsubscribe;
  on<E extends keyof ClientEvents>(event: E, listener: (payload: ClientEvents[E]) => void): Unsubscribe;
  on(event: string, listener: (payload: never) => void): Unsubscribe {
    // The overloads say what each event carries.
    const anyListener = listener as (payload: unknown) => void;
    if (event === "event") return this.client.onEvent(anyListener);
    if (this.#isOwn(event)) return this.#listeners[event].add(anyListener);
    return this.client.on(event as EventName, anyListener);
  }

  #listen(): void {
    if (this.#stopListening) return;
    const endings = [
      this.client.on("chat", (event) => this.#take(event)),
      this.client.on("authenticated", () => this.#catchUp()),
    ];
    this.#stopListening = () => {
      for (const end of endings) end();
    };
  }

  /** A run may have ended while the connection was lost. */
  #catchUp(): void {
    const run = { seq: 0 };
    for (const { sessionKey, runId, status } of this.#sessions.values()) {
      if (runId === undefined || (status !== "running" && status !== "spawning")) continue;
      this.client.request("agent.wait", { runId, timeoutMs: 1 }).then(
        ({ status: now, error: errorMessage }) => {
          if (now === "ok") this.#take({ ...run, sessionKey, runId, state: "final" });
          if (now === "error") this.#take({ ...run, sessionKey, runId, state: "error", errorMessage });
        },
        () => {
          // The next connection asks again.
        },
      );
    }
  }

  #isOwn(event: string): event is Exclude<keyof SessionEvents, "event"> {
    return Object.hasOwn(this.#listeners, event);
  }

  /** Every name of a session is one key; which, only a gateway can say. */
  #keyOf(sessionKey: string): string {
    this.#defaults = this.client.hello?.snapshot.sessionDefaults ?? this.#defaults;
    return this.#defaults ? canonicalSessionKey(sessionKey, this.#defaults) : sessionKey;
  }

  #take(event: ChatEvent): void {
    if (this.#spawning > 0) this.#early.push(event);
    const session = this.#sessions.get(this.#keyOf(event.sessionKey));
    if (session) this.#put(afterChat(session, event, this.#clock.now()));
  }

  #put(session: TrackedSession): void {
    const before = this.#sessions.get(session.sessionKey);
    this.#sessions.set(session.sessionKey, session);
    if (before?.status !== session.status) this.#listeners["session.status"].call(session);
  }
}
