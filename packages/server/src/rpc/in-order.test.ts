import { expect, test } from "vitest";
import { inOrderOf } from "./in-order.ts";

test("who asked for work of one key goes on in the order in which it came; a failure holds up nobody, nor do other keys", async () => {
  const inTurn = inOrderOf();
  const wentOn: string[] = [];
  const gate = Promise.withResolvers<void>();
  const ask = (name: string, key: string, work: () => Promise<void>): Promise<unknown> =>
    inTurn(key, work).then(
      () => wentOn.push(name),
      () => wentOn.push(`${name} failed`),
    );
  const first = ask("first", "a", async () => {
    await gate.promise;
    throw new Error("no");
  });
  const second = ask("second", "a", async () => {});
  const third = ask("third", "a", async () => {});
  await ask("other", "b", async () => {});
  gate.resolve();
  await Promise.all([first, second, third]);
  await ask("last", "a", async () => {});
  expect(wentOn).toEqual(["other", "first failed", "second", "third", "last"]);
});
