import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rules } from "./rules.ts";

const proofs = readdirSync(import.meta.dirname, { recursive: true })
  .filter((file) => typeof file === "string" && file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(import.meta.dirname, String(file)), "utf8"))
  .join("\n");

test("ids are unique", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test.each(rules.map(({ id }) => id))("%s is proved by a test", (id) => {
  expect(proofs).toContain(`verifies("${id}"`);
});
