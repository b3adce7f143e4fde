import { once } from "node:events";
import { watch } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createTempFolder } from "../testing/test-databases.ts";
import { createConfigWatcher } from "./watch-config.ts";

async function open() {
  const folder = await createTempFolder();
  const path = join(folder.path, "openclaw.json");
  await writeFile(path, "{}");
  const clock = createManualClock();
  let looks = 0;
  const watcher = createConfigWatcher({ path, look: async () => void looks++, clock, log: silentLog });
  return {
    path,
    clock,
    watcher,
    looks: () => looks,
    /** Lets time pass until somebody has looked so often. */
    looked: (times: number) =>
      expect
        .poll(
          () => {
            clock.advance(1_000);
            return looks;
          },
          { timeout: 10_000 },
        )
        .toBeGreaterThanOrEqual(times),
    [Symbol.asyncDispose]: async () => {
      watcher.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("looks at the beginning, and once when the file has been left alone for a while", async () => {
  await using test = await open();
  test.watcher.follow({ debounceMs: 100 });
  test.clock.advance(99);
  expect(test.looks()).toBe(0);
  test.clock.advance(1);
  expect(test.looks()).toBe(1);
  // Asked later than the watcher, so what it has heard of the watcher has heard of too.
  const eyewitness = watch(test.path);
  for (const text of ["{a:1}", "{a:22}", "{a:333}"]) {
    const told = once(eyewitness, "change");
    await writeFile(test.path, text);
    await told;
    test.clock.advance(50);
  }
  eyewitness.close();
  expect(test.looks()).toBe(1);
  await test.looked(2);
});

test("notices a file that was moved into the place of the old one, again and again, and one that comes back", async () => {
  await using test = await open();
  test.watcher.follow();
  test.clock.advance(1_000);
  for (let round = 2; round < 5; round++) {
    await writeFile(`${test.path}.swp`, `{a:${round}}`);
    await rename(`${test.path}.swp`, test.path);
    await test.looked(round);
  }
  const before = test.looks();
  await rename(test.path, `${test.path}~`);
  await test.looked(before + 1);
  await writeFile(test.path, "{}");
  await test.looked(before + 2);
  expect(test.looks()).toBeGreaterThan(before);
});

test("looks at nothing where the configuration says so, until it says otherwise", async () => {
  await using test = await open();
  test.watcher.follow({ mode: "off" });
  const eyewitness = watch(test.path);
  const told = once(eyewitness, "change");
  await writeFile(test.path, "{a:1}");
  await told;
  eyewitness.close();
  test.clock.advance(10_000);
  expect(test.looks()).toBe(0);
  test.watcher.follow({ mode: "hybrid", debounce: 5 });
  test.clock.advance(5);
  expect(test.looks()).toBe(1);
});
