import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTempFolder } from "../testing/test-databases.ts";
import { deviceTokenKey } from "./device-key.ts";

test("T-C4: the key of device tokens is made for them alone; no other secret leads to it", async () => {
  await using folder = await createTempFolder();
  await writeFile(join(folder.path, "gateway-token"), "the same token everywhere\n");
  const path = join(folder.path, "device-token-key");
  const key = await deviceTokenKey(path);
  expect(key).toHaveLength(32);
  expect(await deviceTokenKey(path)).toEqual(key);
  await using second = await createTempFolder();
  await writeFile(join(second.path, "gateway-token"), "the same token everywhere\n");
  expect(await deviceTokenKey(join(second.path, "device-token-key"))).not.toEqual(key);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).not.toContain("the same token");
});
