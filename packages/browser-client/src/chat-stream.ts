import {
  type ChatFold,
  ConnectionError,
  createRandomId,
  foldChat,
  type GatewayClient,
  isTerminal,
} from "@openclaw-gateway/client/core";
import type { Params, StreamSnapshot } from "@openclaw-gateway/protocol";

/** A message with its session, and whatever else `chat.send` takes. The key is made when it is not given. */
export type ChatMessage = Omit<Params<"chat.send">, "idempotencyKey"> & { idempotencyKey?: string };

type StreamClient = Pick<GatewayClient, "follow" | "on" | "request" | "state">;

const endings = {
  queued: "pending",
  running: "streaming",
  done: "final",
  failed: "error",
  aborted: "aborted",
  interrupted: "error",
} as const;

/**
 * Sends a message and tells its answer as it grows: the newest state whenever it is asked, the last one always. A lost
 * connection is waited out: the message is sent again under its key, which runs it once, and the answer goes on.
 */
export async function* streamChat(
  client: StreamClient,
  message: ChatMessage,
  signal?: AbortSignal,
): AsyncGenerator<ChatFold, void> {
  const { sessionKey } = message;
  const runId = message.idempotencyKey ?? createRandomId();
  let fold: ChatFold = { runId, sessionKey, state: "pending", text: "" };
  let failure: { error: unknown } | undefined;
  let news = Promise.withResolvers<void>();
  const take = (next: ChatFold): void => {
    fold = next;
    news.resolve();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    news.resolve();
  };
  const onSnapshot = ({ reason, runs }: StreamSnapshot): void => {
    if (isTerminal(fold)) return;
    const run = runs.find((one) => one.runId === runId);
    if (run !== undefined) {
      const { text, error } = run;
      take({ runId, sessionKey, state: endings[run.state], text, ...(error !== undefined && { errorMessage: error }) });
    } else if (reason === "gone") {
      // It ended while nobody was listening, and longer ago than events are kept.
      readEnding(client, fold).then(take, fail);
    }
  };
  const stopListening = client.on("chat", (event) => {
    if (event.runId === runId && !isTerminal(fold)) take(foldChat(fold, event));
  });
  const following = client.follow({ sessionKey }, { onSnapshot });
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    sendUntilAnswered(client, { ...message, idempotencyKey: runId }).catch(fail);
    for (;;) {
      await news.promise;
      news = Promise.withResolvers<void>();
      if (failure !== undefined) throw failure.error;
      const shown = fold;
      yield shown;
      if (isTerminal(shown)) return;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stopListening();
    following.stop();
  }
}

/** The key makes it safe to send again what may have arrived. */
async function sendUntilAnswered(client: StreamClient, message: Params<"chat.send">): Promise<void> {
  for (;;) {
    try {
      await client.request("chat.send", message, { timeoutMs: Number.POSITIVE_INFINITY });
      return;
    } catch (error) {
      const isLost = error instanceof ConnectionError && error.reason === "closed";
      if (!isLost || client.state.at === "stopped") throw error;
    }
  }
}

async function readEnding(client: StreamClient, { runId, sessionKey }: ChatFold): Promise<ChatFold> {
  const { messages } = await client.request("chat.history", { sessionKey, limit: 20 });
  const answer = messages.findLast(({ role }) => role === "assistant");
  const event = { runId, sessionKey, state: "final" } as const;
  return foldChat(undefined, answer?.role === "assistant" ? { ...event, message: answer } : event);
}
