import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compatibilityPage } from "./compatibility.ts";
import { deviations } from "./deviations.ts";
import { areaOf, namesNotYet } from "./not-yet.ts";
import { scenarios } from "./scenarios.ts";

test("docs/compatibility.md is up to date", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/compatibility.md"), "utf8");
  expect(page, "run: node scripts/generate-compatibility.mjs").toBe(compatibilityPage());
});

test("every deviation has a name of its own", () => {
  expect(new Set(deviations.map(({ id }) => id)).size).toBe(deviations.length);
});

const { methods, events } = namesNotYet(scenarios.map(({ transcript }) => transcript));

test.each([...methods, ...events])("%s belongs to a part of the project", (name) => {
  expect(areaOf(name)).toBeDefined();
});
