import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { proofsIn, readProofs, withProofs } from "./coverage.ts";
import { requirements } from "./requirements.ts";

const root = join(import.meta.dirname, "../../../..");
const proofs = readProofs(root);
const known = new Set(requirements.map(({ id }) => id));

test.each(requirements.filter(({ waitsFor }) => waitsFor === undefined))("$id is proved by a test", ({ id }) => {
  expect(proofs.filter((proof) => proof.id === id)).not.toEqual([]);
});

test.each(requirements.filter(({ waitsFor }) => waitsFor !== undefined))("$id waits and has no test", ({ id }) => {
  expect(
    proofs.filter((proof) => proof.id === id),
    "remove waitsFor",
  ).toEqual([]);
});

test("every proof is of a known requirement", () => {
  expect(proofs.filter(({ id }) => !known.has(id))).toEqual([]);
});

test("docs/security.md is up to date", () => {
  const page = readFileSync(join(root, "docs/security.md"), "utf8");
  expect(page, "run: node scripts/generate-security.mjs").toBe(withProofs(page, proofs));
});

/** Put together here, so that this file proves nothing. */
const [one, two] = ["T-A" + "1", "T-B" + "2"];

test.each([
  [`test("${one}: one", () => {})`, [one]],
  [`describe("${one}, ${two}: two", () => {})`, [one, two]],
  [`test.each(["a", "b"])(\n  "${one}: each", () => {})`, [one]],
  [`test(\`${one}: \${name}\`, () => {})`, [one]],
  [`// ${one}: a comment`, []],
])("ids in the title of %j", (source, ids) => {
  expect(proofsIn("a.test.ts", source).map(({ id }) => id)).toEqual(ids);
});
