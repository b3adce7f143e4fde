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
  const eyewitness = watch(folder.path);
  return {
    folder: folder.path,
    path,
    clock,
    watcher,
    looks: () => looks,
    /** Resolves when the system has told of a change; the watcher, who asked first, has heard of it too. */
    told: () => once(eyewitness, "change"),
    [Symbol.asyncDispose]: async () => {
      eyewitness.close();
      watcher.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("looks once at the beginning, and once when the file has been left alone for a while", async () => {
  await using test = await open();
  test.watcher.follow({ debounceMs: 100 });
  test.clock.advance(100);
  expect(test.looks()).toBe(1);
  for (const text of ["{a:1}", "", "{a:2}"]) {
    const told = test.told();
    await writeFile(test.path, text);
    await told;
    test.clock.advance(50);
  }
  const others = test.looks();
  test.clock.advance(100);
  expect(test.looks()).toBe(others + 1);
});

test("notices a file that was moved into the place of the old one", async () => {
  await using test = await open();
  test.watcher.follow();
  test.clock.advance(300);
  const told = test.told();
  await writeFile(join(test.folder, ".openclaw.json.swp"), "{a:1}");
  await rename(join(test.folder, ".openclaw.json.swp"), test.path);
  await told;
  await expect
    .poll(() => {
      test.clock.advance(300);
      return test.looks();
    })
    .toBeGreaterThanOrEqual(2);
});

test("looks at nothing where the configuration says so, until it says otherwise", async () => {
  await using test = await open();
  test.watcher.follow({ mode: "off" });
  const told = test.told();
  await writeFile(test.path, "{a:1}");
  await told;
  test.clock.advance(10_000);
  expect(test.looks()).toBe(0);
  test.watcher.follow({ mode: "hybrid", debounce: 5 });
  test.clock.advance(5);
  expect(test.looks()).toBe(1);
});
