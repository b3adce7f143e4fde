import {
  ConnectionError,
  createRandomId,
  type Following,
  type GatewayClient,
  GatewayError,
  isTerminal,
} from "@openclaw-gateway/browser-client";
import type { Result } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";
import type { AppState } from "../../app/app-state.ts";
import { canonicalKey } from "../../app/defaults.ts";
import type { Store } from "../../app/store.ts";
import type { OutboxItem } from "./outbox.ts";
import { stepsOfSnapshot } from "./steps-of-snapshot.ts";

/** Messages that are read at once. */
const pageSize = 200;
/** Of a stored output; more at once only makes the page slow. */
const outputPartBytes = 32_768;

/** The open session: its history, its events, what we send to it. */
export interface ChatSync {
  /** After each `hello-ok`: what was missed is read again, what may not have arrived is sent again. */
  resume(): void;
  loadHistory(): Promise<void>;
  loadEarlier(): Promise<void>;
  send(text: string): void;
  /** The same message under the same key, so that it arrives once. */
  resend(id: string): void;
  drop(id: string): void;
  /** A range of an output of the open session, from a byte on. Rejects when the gateway refuses. */
  output(id: string, offset: number): Promise<Result<"chat.output.get">>;
  /** Stops a run, or whatever the session is doing. Rejects when the gateway refuses. */
  abort(runId?: string): Promise<void>;
}

export function createChatSync(client: GatewayClient, store: Store<AppState, AppAction>): ChatSync {
  let latestLoad = 0;
  let followed: { key: string; following: Following } | undefined;

  client.on("chat", (event) => {
    const payload = { ...event, sessionKey: canonicalKey(event.sessionKey, store.get().link) };
    store.dispatch({ type: "run-progressed", payload });
    // Its last word was heard, but not all of it stands in the transcript.
    const { runs } = store.get().conversation;
    if (runs.some(({ runId, fold }) => runId === payload.runId && isTerminal(fold))) void loadHistory();
  });
  client.on("agent", (payload) => store.dispatch({ type: "run-stepped", payload }));
  client.on("session.tool", (payload) => {
    const { sessionKey } = payload;
    if (typeof sessionKey === "string")
      store.dispatch({ type: "run-stepped", payload: { ...payload, sessionKey, ts: 0 } });
  });
  client.on("session.message", (payload) => store.dispatch({ type: "message-appended", payload }));
  client.on("sessions.changed", ({ sessionKey, session }) => {
    const { conversation } = store.get();
    const isOther =
      sessionKey !== conversation.sessionKey || conversation.load !== "ready" || conversation.sessionId === undefined;
    // A reset or deleted session begins a new transcript.
    if (!isOther && session?.sessionId !== conversation.sessionId) void loadHistory();
  });
  client.onGap(() => void loadHistory());

  /** Over a lost connection the events of the open session go on where they stopped. */
  function follow(sessionKey: string): void {
    if (followed?.key === sessionKey) return;
    followed?.following.stop();
    const following = client.follow(
      { sessionKey },
      {
        onSnapshot: ({ reason, runs }) => {
          if (store.get().conversation.sessionKey !== sessionKey) return;
          for (const action of runs.flatMap((run) => stepsOfSnapshot(sessionKey, run))) store.dispatch(action);
          if (reason === "gone") void loadHistory();
        },
      },
    );
    followed = { key: sessionKey, following };
  }

  async function loadHistory(): Promise<void> {
    const key = store.get().conversation.sessionKey;
    if (key === "") return;
    follow(key);
    const mine = ++latestLoad;
    store.dispatch({ type: "history-requested", key });
    try {
      const history = await client.request("chat.history", { sessionKey: key, limit: pageSize });
      if (mine === latestLoad) store.dispatch({ type: "history-loaded", key, history });
    } catch (error) {
      // A lost link is followed by `resume`.
      if (mine !== latestLoad || isLost(error)) return;
      store.dispatch({ type: "history-failed", key, message: messageOf(error) });
    }
  }

  async function post(item: Pick<OutboxItem, "id" | "sessionKey" | "text">): Promise<void> {
    const { id, sessionKey, text } = item;
    store.dispatch({ type: "send-started", item: { id, sessionKey, text } });
    try {
      const ack = await client.request("chat.send", { sessionKey, message: text, idempotencyKey: id });
      if (ack.runId === undefined) return store.dispatch({ type: "send-dropped", id });
      if (ack.status === "started" || ack.status === "in_flight") return store.dispatch({ type: "send-accepted", id });
      // Sent before, and already over.
      store.dispatch({ type: "send-dropped", id });
      if (sessionKey === store.get().conversation.sessionKey) await loadHistory();
    } catch (error) {
      const isUncertain = isLost(error) || (error instanceof ConnectionError && error.reason === "timeout");
      const message = isUncertain ? "The gateway has not confirmed it." : messageOf(error);
      store.dispatch({ type: "send-failed", id, message, isUncertain });
    }
  }

  const find = (id: string): OutboxItem | undefined => store.get().outbox.find((item) => item.id === id);

  return {
    resume: () => {
      void loadHistory();
      for (const item of store.get().outbox) {
        if (item.isUncertain === true) void post(item);
      }
    },
    loadHistory,
    loadEarlier: async () => {
      const { sessionKey: key, earlier, loadingEarlier } = store.get().conversation;
      if (earlier === undefined || loadingEarlier === true) return;
      store.dispatch({ type: "earlier-requested", key });
      try {
        const history = await client.request("chat.history", { sessionKey: key, limit: pageSize, before: earlier });
        store.dispatch({ type: "earlier-loaded", key, history });
      } catch (error) {
        // A cursor into a transcript that has changed leads nowhere; the newest page leads on.
        if (error instanceof GatewayError) return void loadHistory();
        store.dispatch({ type: "earlier-failed", key, message: messageOf(error) });
      }
    },
    send: (text) => void post({ id: createRandomId(), sessionKey: store.get().conversation.sessionKey, text }),
    resend: (id) => {
      const item = find(id);
      if (item) void post(item);
    },
    drop: (id) => store.dispatch({ type: "send-dropped", id }),
    output: (id, offset) => {
      const { sessionKey } = store.get().conversation;
      return client.request("chat.output.get", { sessionKey, id, offset, limit: outputPartBytes });
    },
    abort: async (runId) => {
      const { sessionKey } = store.get().conversation;
      await client.request("chat.abort", { sessionKey, ...(runId !== undefined && { runId }) });
    },
  };
}

const isLost = (error: unknown): boolean => error instanceof ConnectionError && error.reason === "closed";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
