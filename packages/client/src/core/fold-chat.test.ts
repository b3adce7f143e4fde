import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChatFold, type ChatProgress, foldChat, isTerminal } from "./fold-chat.ts";

const run = { runId: "r", sessionKey: "main" };
const message = (text: string): ChatProgress["message"] => ({ content: [{ type: "text", text }] });
const fold = (events: ChatProgress[]): ChatFold | undefined =>
  events.reduce<ChatFold | undefined>((before, event) => foldChat(before, event), undefined);

describe("text", () => {
  test.each<[string, ChatProgress[], string]>([
    [
      "snapshots only (protocol 3)",
      [
        { ...run, state: "delta", message: message("Hel") },
        { ...run, state: "delta", message: message("Hello") },
      ],
      "Hello",
    ],
    [
      "deltas only",
      [
        { ...run, state: "delta", deltaText: "Hel" },
        { ...run, state: "delta", deltaText: "lo" },
      ],
      "Hello",
    ],
    [
      "both",
      [
        { ...run, state: "delta", deltaText: "Hel", message: message("Hel") },
        { ...run, state: "delta", deltaText: "lo", message: message("Hello") },
      ],
      "Hello",
    ],
    [
      "joined late: the snapshot is right",
      [{ ...run, state: "delta", deltaText: "lo", message: message("Hello") }],
      "Hello",
    ],
    [
      "a delta was lost: the snapshot is right",
      [
        { ...run, state: "delta", deltaText: "He", message: message("He") },
        { ...run, state: "delta", deltaText: "o", message: message("Hello") },
      ],
      "Hello",
    ],
    [
      "a trimmed snapshot does not eat the space",
      [
        { ...run, state: "delta", deltaText: "Hi", message: message("Hi") },
        { ...run, state: "delta", deltaText: " ", message: message("Hi") },
        { ...run, state: "delta", deltaText: "you", message: message("Hi you") },
      ],
      "Hi you",
    ],
    [
      "replaced",
      [
        { ...run, state: "delta", deltaText: "draft", message: message("draft") },
        { ...run, state: "delta", deltaText: "New", replace: true, message: message("New") },
      ],
      "New",
    ],
    [
      "a delta without any text",
      [
        { ...run, state: "delta", deltaText: "Hi" },
        { ...run, state: "delta" },
      ],
      "Hi",
    ],
    [
      "final is whole",
      [
        { ...run, state: "delta", deltaText: "Hel" },
        { ...run, state: "final", message: message("Hello") },
      ],
      "Hello",
    ],
    ["silent final", [{ ...run, state: "final" }], ""],
    [
      "final without a message keeps what was said",
      [
        { ...run, state: "delta", deltaText: "Hi" },
        { ...run, state: "final" },
      ],
      "Hi",
    ],
    ["content as plain text", [{ ...run, state: "final", message: { content: "Hello" } }], "Hello"],
    [
      "other parts are not text",
      [
        {
          ...run,
          state: "final",
          message: { content: [{ type: "thinking" }, { type: "text", text: "a" }, { type: "text", text: "b" }] },
        },
      ],
      "a\n\nb",
    ],
  ])("%s", (_, events, text) => {
    expect(fold(events)?.text).toBe(text);
  });

  test("streams in any pieces, seen from the start or from any point, end as the same text", () => {
    const pieces = fc.array(fc.string(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.nat(), fc.boolean(), (parts, skip, trims) => {
        const whole = parts.join("");
        const events = parts.map((deltaText, index): ChatProgress => {
          const snapshot = parts.slice(0, index + 1).join("");
          return { ...run, state: "delta", deltaText, message: message(trims ? snapshot.trim() : snapshot) };
        });
        expect(fold(events)?.text.trim()).toBe(whole.trim());
        expect(fold(events.slice(skip % parts.length))?.text.trim()).toBe(whole.trim());
      }),
    );
  });
});

describe("state", () => {
  test("status is pending with a phase, which the text takes away", () => {
    const first = foldChat(undefined, { ...run, state: "status", phase: "starting_model" });
    expect(first).toEqual({ ...run, state: "pending", text: "", phase: "starting_model" });
    expect(foldChat(first, { ...run, state: "delta", deltaText: "a" })).toEqual({
      ...run,
      state: "streaming",
      text: "a",
    });
  });

  test.each(["final", "aborted", "error"] as const)("%s takes no more events", (state) => {
    const ended = foldChat(undefined, { ...run, state, stopReason: "rpc", errorMessage: "why" });
    expect(ended).toMatchObject({ state, stopReason: "rpc", errorMessage: "why" });
    expect(isTerminal(ended)).toBe(true);
    expect(foldChat(ended, { ...run, state: "delta", deltaText: "late" })).toBe(ended);
  });

  test("an abort keeps the partial text", () => {
    const streaming = foldChat(undefined, { ...run, state: "delta", deltaText: "part" });
    expect(foldChat(streaming, { ...run, state: "aborted" })).toMatchObject({ state: "aborted", text: "part" });
  });

  test("another run begins anew", () => {
    const ended = foldChat(undefined, { ...run, state: "final", message: message("old") });
    expect(foldChat(ended, { ...run, runId: "r2", state: "delta", deltaText: "new" })).toMatchObject({
      runId: "r2",
      text: "new",
    });
  });

  test("a state of a newer gateway changes nothing", () => {
    const streaming = foldChat(undefined, { ...run, state: "delta", deltaText: "part" });
    const odd = JSON.parse(JSON.stringify({ ...run, state: "pondering" })) as ChatProgress;
    expect(foldChat(streaming, odd)).toBe(streaming);
  });
});
