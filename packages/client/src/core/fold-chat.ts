/** What `foldChat` reads of a `chat` event; protocol 3 has no `deltaText` and no `status`. */
export type ChatProgress = {
  runId: string;
  sessionKey: string;
  state: "status" | "delta" | "final" | "aborted" | "error";
  deltaText?: string | undefined;
  replace?: boolean | undefined;
  message?: { content: string | readonly { type?: unknown; text?: unknown }[] } | undefined;
  phase?: string | undefined;
  stopReason?: string | undefined;
  errorMessage?: string | undefined;
};

/** A run as its `chat` events show it. `pending` and `streaming` go on, the others are terminal. */
export type ChatFold = {
  runId: string;
  sessionKey: string;
  state: "pending" | "streaming" | "final" | "aborted" | "error";
  /** Everything the assistant has said so far. */
  text: string;
  /** What a `pending` run is doing. */
  phase?: string;
  stopReason?: string;
  errorMessage?: string;
};

/** Adds one event to a run. Another run id begins anew; a terminal run takes no more events. */
export function foldChat(previous: ChatFold | undefined, event: ChatProgress): ChatFold {
  const { runId, sessionKey } = event;
  const before: ChatFold = previous?.runId === runId ? previous : { runId, sessionKey, state: "pending", text: "" };
  if (isTerminal(before)) return before;
  const snapshot = event.message === undefined ? undefined : textOf(event.message.content);
  const { phase: _, ...run } = before;
  switch (event.state) {
    case "status":
      return event.phase === undefined ? before : { ...before, phase: event.phase };
    case "delta":
      return { ...run, state: "streaming", text: nextText(before.text, event, snapshot) };
    case "final":
    case "aborted":
    case "error":
      return {
        ...run,
        state: event.state,
        text: snapshot ?? before.text,
        ...(event.stopReason === undefined ? {} : { stopReason: event.stopReason }),
        ...(event.errorMessage === undefined ? {} : { errorMessage: event.errorMessage }),
      };
    default:
      // A newer gateway may have states we cannot name; the text stays right without them.
      return before;
  }
}

/** Whether nothing more will come for this run. */
export function isTerminal({ state }: ChatFold): boolean {
  return state === "final" || state === "aborted" || state === "error";
}

function nextText(before: string, { deltaText, replace }: ChatProgress, snapshot: string | undefined): string {
  if (deltaText === undefined) return snapshot ?? before;
  if (replace === true) return deltaText;
  if (snapshot === undefined) return before + deltaText;
  // Joined late or lost a delta: the snapshot is right. It may be trimmed, then the appended text is the fuller one.
  const appended = before + deltaText;
  return appended.trim() === snapshot.trim() ? appended : snapshot;
}

function textOf(content: string | readonly { type?: unknown; text?: unknown }[]): string {
  if (typeof content === "string") return content;
  const texts = content.flatMap((part) => (part.type === "text" && typeof part.text === "string" ? [part.text] : []));
  return texts.join("\n\n");
}
