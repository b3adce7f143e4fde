import { type ChatFold, ConnectionError, foldChat, isTerminal } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import type { AgentEvent, ChatEvent, TranscriptMessage } from "@openclaw-gateway/protocol";

export type RunListener = {
  onText?: (text: string) => void;
  onTool?: (name: string, args: unknown) => void;
};

/** Follows one run from before it starts to its end, over lost connections where the client reconnects. */
export interface FollowedRun {
  readonly ended: Promise<ChatFold>;
  stop(): void;
}

export function followRun(
  client: GatewayClient,
  { runId, sessionKey }: { runId: string; sessionKey: string },
  { onText, onTool }: RunListener = {},
): FollowedRun {
  const { promise: ended, resolve, reject } = Promise.withResolvers<ChatFold>();
  /** Undefined until something came: the first event says how the gateway writes the key. */
  let run: ChatFold | undefined;

  function advance(next: ChatFold): void {
    if (next.text !== (run?.text ?? "")) onText?.(next.text);
    run = next;
    if (isTerminal(run)) resolve(run);
  }

  /** The end may have come while nobody listened. */
  async function catchUp(): Promise<void> {
    const outcome = await client.request("agent.wait", { runId, timeoutMs: 0 });
    if (outcome.status === "timeout") return;
    const { messages } = await client.request("chat.history", { sessionKey, limit: 50 });
    const known: ChatFold = run ?? { runId, sessionKey, state: "pending", text: "" };
    if (isTerminal(known)) return;
    const text = textOfRun(messages, runId) ?? known.text;
    if (outcome.status === "ok") advance({ ...known, state: "final", text });
    else advance({ ...known, state: "error", text, errorMessage: outcome.error ?? "the run failed" });
  }

  const stops = [
    client.on("chat", (event: ChatEvent) => {
      if (event.runId === runId) advance(foldChat(run, toProgress(event)));
    }),
    client.on("agent", (event: AgentEvent) => {
      if (event.runId !== runId || event.stream !== "tool") return;
      const { phase, name, args } = event.data;
      if (phase === "start" && typeof name === "string") onTool?.(name, args);
    }),
    client.onState((state) => {
      if (state.at === "ready") catchUp().catch(() => undefined);
      if (state.at === "stopped") reject(state.error ?? new ConnectionError("closed", "the connection was closed"));
    }),
  ];
  ended.catch(() => undefined);
  return {
    ended,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

type Progress = Parameters<typeof foldChat>[1];

/** The catalogue leaves parts of a message open; only text parts are read. */
function toProgress(event: ChatEvent): Progress {
  const { message, ...rest } = { message: undefined, ...event };
  return { ...rest, ...(message === undefined ? {} : { message }) };
}

/** What the assistant said in one run, from the stored messages; older gateways do not say which run a message is of. */
function textOfRun(messages: readonly TranscriptMessage[], runId: string): string | undefined {
  const texts = messages.flatMap((message) => {
    const place: unknown = message["__openclaw"];
    const isOfRun = typeof place === "object" && place !== null && Reflect.get(place, "runId") === runId;
    return isOfRun && message.role === "assistant" ? [textOf(message)] : [];
  });
  return texts.length > 0 ? texts.filter((text) => text !== "").join("\n\n") : undefined;
}

/** Text parts of a message, as a person reads them. */
export function textOf({ content }: TranscriptMessage): string {
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");
}
