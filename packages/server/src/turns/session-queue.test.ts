import { expect, test } from "vitest";
import { createSessionQueue } from "./session-queue.ts";

test("a session whose only message was taken out still runs one at a time", async () => {
  const queue = createSessionQueue({ maxRunning: 4, maxQueued: 10 });
  const gates = new Map<string, () => void>();
  const entry = (id: string) => ({
    id,
    mode: "queue" as const,
    run: () => new Promise<void>((resolve) => void gates.set(id, resolve)),
  });
  queue.add("s", entry("taken out"));
  expect(queue.remove("s", "taken out")).toBe(true);
  queue.add("s", entry("one"));
  queue.add("s", entry("two"));
  queue.release();
  expect([...gates.keys()]).toEqual(["one"]);
  expect(queue.runningOf("s")).toBe("one");
  expect([queue.running, queue.queued, queue.waiting("s")]).toEqual([1, 1, 1]);
  gates.get("one")?.();
  await expect.poll(() => gates.has("two")).toBe(true);
});
