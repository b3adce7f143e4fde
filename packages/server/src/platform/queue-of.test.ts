import { expect, test } from "vitest";
import { createQueueOf } from "./queue-of.ts";

test("things stand in the order they came, and any of them may leave, once", () => {
  const queue = createQueueOf<{ name: string }>();
  const leave = ["a", "b", "c", "d"].map((name) => queue.add({ name }));
  const names = () => queue.all().map(({ name }) => name);
  leave[1]?.();
  leave[1]?.();
  expect([names(), queue.size, queue.oldest?.name]).toEqual([["a", "c", "d"], 3, "a"]);
  leave[0]?.();
  leave[3]?.();
  expect([names(), queue.find(({ name }) => name === "c")?.name]).toEqual([["c"], "c"]);
  leave[2]?.();
  expect([names(), queue.size, queue.oldest]).toEqual([[], 0, undefined]);
  queue.add({ name: "e" });
  expect(names()).toEqual(["e"]);
});
