import { expect, test } from "vitest";
import type { AppAction } from "../../app/actions.ts";
import { type OutboxItem, reduceOutbox } from "./outbox.ts";
import { placed, sessionKey, user } from "./testing/messages.ts";

const started: AppAction = { type: "send-started", item: { id: "r1", sessionKey, text: "hi" } };
const accepted: AppAction = { type: "send-accepted", id: "r1" };
const failed: AppAction = { type: "send-failed", id: "r1", message: "lost", isUncertain: true };
const stored: AppAction = {
  type: "message-appended",
  payload: { sessionKey, message: placed(user("hi"), 1, "r1"), messageId: "m1", messageSeq: 1 },
};
const aborted: AppAction = { type: "run-progressed", payload: { runId: "r1", sessionKey, seq: 1, state: "aborted" } };

test.each<[name: string, actions: AppAction[], items: Partial<OutboxItem>[]]>([
  ["a message is on its way at once", [started], [{ id: "r1", state: "sending" }]],
  ["accepted, it waits for its turn", [started, accepted], [{ state: "accepted" }]],
  ["in the transcript, it is gone", [started, accepted, stored], []],
  ["in the transcript before the answer to send", [started, stored, accepted], []],
  [
    "in the history after a reconnect",
    [
      started,
      failed,
      { type: "history-loaded", key: sessionKey, history: { sessionKey, messages: [placed(user("hi"), 1, "r1")] } },
    ],
    [],
  ],
  ["failed, it says why", [started, failed], [{ state: "failed", error: "lost", isUncertain: true }]],
  [
    "sent again, it keeps its id and its place",
    [started, { type: "send-started", item: { id: "r2", sessionKey, text: "b" } }, failed, started],
    [{ id: "r1", state: "sending" }, { id: "r2" }],
  ],
  ["stopped before its turn", [started, accepted, aborted], [{ state: "cancelled" }]],
  ["a stop is not undone by a late answer", [started, aborted, accepted], [{ state: "cancelled" }]],
  ["removed by hand", [started, failed, { type: "send-dropped", id: "r1" }], []],
  ["gone with the sign-out", [started, { type: "signed-out" }], []],
])("%s", (_, actions, items) => {
  const result = actions.reduce(reduceOutbox, [] as readonly OutboxItem[]);
  expect(result).toHaveLength(items.length);
  expect(result).toMatchObject(items);
});
