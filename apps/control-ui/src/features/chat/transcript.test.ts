import { expect, test } from "vitest";
import { assistant, entry, toolResult, user } from "./testing/messages.ts";
import { storedItems, withRuns } from "./transcript.ts";
import { startRun } from "./live-run.ts";

const call = { type: "toolCall" as const, id: "t1", name: "read", arguments: { path: "a" } };

test("an answer is everything one run wrote, with the results in their cards", () => {
  const items = storedItems([
    entry(user("hi"), 1, "r1"),
    entry(assistant([{ type: "text", text: "Look." }, call], { stopReason: "toolUse" }), 2, "r1"),
    entry(toolResult("t1", "content"), 3, "r1"),
    entry(assistant("Done."), 4, "r1"),
    entry(user("more"), 5, "r2"),
    entry(assistant("", { stopReason: "interrupted", errorMessage: "stopped" }), 6, "r2"),
  ]);
  expect(items.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "user sent-r1",
    "answer run-r1",
    "user sent-r2",
    "answer run-r2",
  ]);
  expect(items[1]).toMatchObject({
    ending: undefined,
    parts: [
      { kind: "text", text: "Look." },
      { kind: "tool", tool: { toolCallId: "t1", status: "done", output: "content" } },
      { kind: "text", text: "Done." },
    ],
  });
  expect(items[3]).toMatchObject({ ending: { kind: "interrupted", message: "stopped" }, parts: [] });
});

test("messages without a run stand in order too", () => {
  const items = storedItems([
    entry(user("a"), 1),
    entry(assistant("b"), 2),
    entry(user("c"), 3),
    entry(assistant("d"), 4),
  ]);
  expect(items.map(({ kind }) => kind)).toEqual(["user", "answer", "user", "answer"]);
});

test("a run keeps the identity of its item when it is stored, and items it does not touch stay the same", () => {
  const entries = [entry(user("a"), 1, "r0"), entry(assistant("b"), 2, "r0"), entry(user("c"), 3, "r1")];
  const stored = storedItems(entries);
  const live = withRuns(stored, entries, [startRun("r1", "k")]);
  expect(live.slice(0, 3)).toEqual(stored);
  expect(live[0]).toBe(stored[0]);
  expect(live[1]).toBe(stored[1]);
  const after = storedItems([...entries, entry(assistant("d"), 4, "r1")]);
  expect(live[3]?.id).toBe(after[3]?.id);
});

test("the answer of a run stands after its question, before what was asked later", () => {
  const entries = [entry(user("a"), 1, "r1"), entry(user("b"), 2, "r2")];
  const items = withRuns(storedItems(entries), entries, [startRun("r1", "k")]);
  expect(items.map(({ id }) => id)).toEqual(["sent-r1", "run-r1", "sent-r2"]);
});
