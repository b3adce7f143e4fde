import fc from "fast-check";
import { expect, test } from "vitest";
import { createTurnFeed } from "./turn-feed.ts";

test("a report is answered when it was read, and the order stays", async () => {
  const feed = createTurnFeed<number>(100);
  const answered: number[] = [];
  void feed.push([1, 2], 10)?.then(() => answered.push(1));
  void feed.push([3], 10)?.then(() => answered.push(2));
  const reader = feed[Symbol.asyncIterator]();
  const read = async () => (await reader.next()).value;
  expect(await read()).toBe(1);
  expect(await read()).toBe(2);
  expect(answered).toEqual([]);
  expect(await read()).toBe(3);
  expect(answered).toEqual([1]);
  feed.close();
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  expect(answered).toEqual([1, 2]);
});

test("too much that waits is refused; one report alone never is", async () => {
  const feed = createTurnFeed<number>(100);
  const first = feed.push([1], 1_000);
  expect(first).toBeInstanceOf(Promise);
  expect(feed.push([2], 1)).toBeUndefined();
  const reader = feed[Symbol.asyncIterator]();
  await reader.next();
  void reader.next();
  await first;
  expect(feed.push([2], 90)).toBeInstanceOf(Promise);
  feed.close({ discard: true });
});

test("discarding answers everybody and ends a reader that waits", async () => {
  const feed = createTurnFeed<number>(100);
  const reader = feed[Symbol.asyncIterator]();
  const next = reader.next();
  feed.close({ discard: true });
  expect(await next).toEqual({ done: true, value: undefined });
  await expect(feed.push([1], 1)).resolves.toBeUndefined();
});

test("whatever is pushed is read once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer(), { minLength: 1, maxLength: 5 }), { maxLength: 20 }),
      async (all) => {
        const feed = createTurnFeed<number>(Number.MAX_SAFE_INTEGER);
        const read: number[] = [];
        const reading = (async () => {
          for await (const item of feed) read.push(item);
        })();
        for (const items of all) await feed.push(items, 1);
        feed.close();
        await reading;
        expect(read).toEqual(all.flat());
      },
    ),
  );
});
