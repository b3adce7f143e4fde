import type { ChatEvent, ChatHistory } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { AppAction } from "../../app/actions.ts";
import { type Conversation, initialConversation, reduceConversation } from "./conversation.ts";
import { assistant, placed, sessionKey, user } from "./testing/messages.ts";
import { storedItems, withRuns } from "./transcript.ts";

const run = { runId: "r1", sessionKey, seq: 1 };
const message = (text: string) => ({ role: "assistant", content: [{ type: "text", text }], timestamp: 1 });
const progressed = (payload: ChatEvent): AppAction => ({ type: "run-progressed", payload });
const delta = (text: string, deltaText = text): AppAction =>
  progressed({ ...run, state: "delta", deltaText, message: message(text) });
const final = (text: string): AppAction => progressed({ ...run, state: "final", message: message(text) });
const appended = (seq: number, stored: Parameters<typeof placed>[0], runId = "r1"): AppAction => ({
  type: "message-appended",
  payload: { sessionKey, message: placed(stored, seq, runId), messageId: `m${seq}`, messageSeq: seq },
});
const loaded = (messages: Parameters<typeof placed>[0][], more: Partial<ChatHistory> = {}): AppAction => ({
  type: "history-loaded",
  key: sessionKey,
  history: {
    sessionKey,
    sessionId: "s1",
    messages: messages.map((stored, index) => placed(stored, index + 1, "r1")),
    ...more,
  },
});
const opened: AppAction = { type: "session-opened", key: sessionKey };
const lost: AppAction = {
  type: "link-changed",
  nowMs: 0,
  link: { at: "waiting", attempt: 1, retryAtMs: 1, lastError: new Error("x") as never },
};

const after = (...actions: AppAction[]): Conversation =>
  [opened, ...actions].reduce(reduceConversation, initialConversation);
/** What a reader sees, as lines. */
const seen = ({ entries, runs }: Conversation): string[] =>
  withRuns(storedItems(entries), entries, runs).map((item) =>
    item.kind === "user"
      ? `you: ${item.text}`
      : item.kind === "summary"
        ? `summary: ${item.summary}`
        : `${item.isLive ? "live" : (item.ending?.kind ?? "done")}: ${item.parts.map((part) => (part.kind === "tool" ? `[${part.tool.name} ${part.tool.status}]` : part.kind === "reasoning" ? `(${part.text})` : part.text)).join("|")}`,
  );

describe("a turn", () => {
  test.each<[name: string, actions: AppAction[], lines: string[]]>([
    [
      "shows deltas as they come",
      [appended(1, user("hi")), delta("Hel"), delta("Hello", "lo")],
      ["you: hi", "live: Hello"],
    ],
    [
      "ends with the stored answer, once",
      [appended(1, user("hi")), delta("Hello"), appended(2, assistant("Hello")), final("Hello")],
      ["you: hi", "done: Hello"],
    ],
    [
      "ends in either order, once",
      [appended(1, user("hi")), delta("Hello"), final("Hello"), appended(2, assistant("Hello"))],
      ["you: hi", "done: Hello"],
    ],
    [
      "says each part once when a call is stored while the run goes on",
      [
        appended(1, user("hi")),
        delta("Look."),
        appended(2, assistant("Look.", { stopReason: "toolUse" })),
        delta("Look.\n\nDone", "\n\nDone"),
      ],
      ["you: hi", "live: Look.|Done"],
    ],
    [
      "is one answer although the beginning was summed up in its middle",
      [
        appended(1, user("hi")),
        delta("Look."),
        appended(2, assistant("Look.", { stopReason: "toolUse" })),
        appended(3, {
          role: "system",
          content: [{ type: "text", text: "Compaction" }],
          timestamp: 1,
          summary: "they greeted",
          tokensBefore: 9,
          tokensAfter: 5,
        }),
        delta("Look.\n\nDone", "\n\nDone"),
      ],
      ["you: hi", "summary: they greeted", "live: Look.|Done"],
    ],
    [
      "shows why it failed",
      [
        appended(1, user("hi")),
        delta("Hel"),
        appended(2, assistant("Hel", { stopReason: "error", errorMessage: "boom" })),
        progressed({ ...run, state: "error", errorMessage: "boom" }),
      ],
      ["you: hi", "error: Hel"],
    ],
    [
      "shows a failure that was not stored",
      [appended(1, user("hi")), progressed({ ...run, state: "error", errorMessage: "boom" })],
      ["you: hi", "error: "],
    ],
    [
      "keeps what was said before a stop",
      [
        appended(1, user("hi")),
        delta("Hel"),
        appended(2, assistant("Hel", { stopReason: "aborted" })),
        progressed({ ...run, state: "aborted", stopReason: "rpc" }),
      ],
      ["you: hi", "aborted: Hel"],
    ],
    [
      "shows a stop before the first word",
      [appended(1, user("hi")), progressed({ ...run, state: "aborted", stopReason: "rpc" })],
      ["you: hi", "aborted: "],
    ],
    [
      "ignores events of other sessions",
      [progressed({ ...run, sessionKey: "agent:main:other", state: "delta", deltaText: "x", message: message("x") })],
      [],
    ],
    [
      "ignores events after the last word",
      [appended(1, user("hi")), appended(2, assistant("Hello")), final("Hello"), delta("Hello again")],
      ["you: hi", "done: Hello"],
    ],
    [
      "shows reasoning until it is stored",
      [
        appended(1, user("hi")),
        {
          type: "run-stepped",
          payload: { runId: "r1", sessionKey, seq: 1, ts: 1, stream: "reasoning", data: { delta: "hm" } },
        },
        appended(
          2,
          assistant([
            { type: "thinking", thinking: "hm" },
            { type: "text", text: "A" },
          ]),
        ),
      ],
      ["you: hi", "live: (hm)|A"],
    ],
    [
      "joins a tool's start and end",
      [
        appended(1, user("hi")),
        {
          type: "run-stepped",
          payload: {
            runId: "r1",
            sessionKey,
            seq: 1,
            ts: 1,
            stream: "tool",
            data: { phase: "start", toolCallId: "t", name: "read", args: {} },
          },
        },
        {
          type: "run-stepped",
          payload: {
            runId: "r1",
            sessionKey,
            seq: 2,
            ts: 1,
            stream: "tool",
            data: { phase: "result", toolCallId: "t", name: "read", isError: true, result: { content: [] } },
          },
        },
      ],
      ["you: hi", "live: [read failed]"],
    ],
  ])("%s", (_, actions, lines) => {
    expect(seen(after(...actions))).toEqual(lines);
  });
});

describe("history", () => {
  test.each<[name: string, actions: AppAction[], lines: string[]]>([
    ["is shown", [loaded([user("hi"), assistant("Hello")])], ["you: hi", "done: Hello"]],
    [
      "loaded twice is shown once",
      [loaded([user("hi"), assistant("Hello")]), loaded([user("hi"), assistant("Hello")])],
      ["you: hi", "done: Hello"],
    ],
    [
      "continues a running answer",
      [loaded([user("hi")], { inFlightRun: { runId: "r1", text: "Hel", startedAt: 1 } }), delta("Hello", "lo")],
      ["you: hi", "live: Hello"],
    ],
    [
      "keeps what events said first",
      [
        appended(1, user("hi")),
        delta("Hello world"),
        loaded([user("hi")], { inFlightRun: { runId: "r1", text: "Hello", startedAt: 1 } }),
      ],
      ["you: hi", "live: Hello world"],
    ],
    [
      "keeps messages that came while it was read",
      [appended(3, user("new"), "r2"), loaded([user("hi"), assistant("Hello")])],
      ["you: hi", "done: Hello", "you: new"],
    ],
    [
      "after a lost link ends what ended unseen",
      [appended(1, user("hi")), delta("Hel"), lost, loaded([user("hi"), assistant("Hello")])],
      ["you: hi", "done: Hello"],
    ],
    [
      "after a lost link continues what still runs",
      [
        appended(1, user("hi")),
        delta("Hel"),
        lost,
        loaded([user("hi")], { inFlightRun: { runId: "r1", text: "Hello", startedAt: 1 } }),
      ],
      ["you: hi", "live: Hello"],
    ],
    [
      "does not revive a run whose end was heard",
      [
        appended(1, user("hi")),
        appended(2, assistant("Hello")),
        final("Hello"),
        loaded([user("hi")], { inFlightRun: { runId: "r1", text: "Hel", startedAt: 1 } }),
      ],
      ["you: hi", "done: Hello"],
    ],
    [
      "of a reset session replaces everything",
      [loaded([user("hi"), assistant("Hello")]), loaded([], { sessionId: "s2" })],
      [],
    ],
    [
      "of another session is ignored",
      [
        {
          type: "history-loaded",
          key: "agent:main:other",
          history: { sessionKey: "agent:main:other", messages: [user("x")] },
        },
      ],
      [],
    ],
    [
      "without places is shown in order",
      [
        {
          type: "history-loaded",
          key: sessionKey,
          history: { sessionKey, messages: [user("hi"), assistant("Hello")] },
        },
      ],
      ["you: hi", "done: Hello"],
    ],
  ])("%s", (_, actions, lines) => {
    expect(seen(after(...actions))).toEqual(lines);
  });
});

test("the end of an answer is announced, deltas are not", () => {
  expect(after(delta("Hel")).announcement).toBeUndefined();
  expect(after(delta("Hel"), final("Hello")).announcement?.text).toBe("Hello");
  expect(after(progressed({ ...run, state: "error", errorMessage: "boom" })).announcement?.text).toContain("boom");
});

test("a failed load can be repeated", () => {
  const failed = after({ type: "history-failed", key: sessionKey, message: "no" });
  expect(failed.load).toEqual({ error: "no" });
  expect(reduceConversation(failed, { type: "history-requested", key: sessionKey }).load).toBe("loading");
  expect(reduceConversation(failed, loaded([])).load).toBe("ready");
});
