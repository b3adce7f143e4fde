import { expect, test } from "vitest";
import { readReference } from "./reference.ts";

const defaults = { env: "shell", file: "vault-file" };

test.each([
  [
    { source: "env", provider: "default", id: "OPENAI_API_KEY" },
    { source: "env", provider: "default", id: "OPENAI_API_KEY" },
  ],
  [
    { source: "env", id: "KEY" },
    { source: "env", provider: "shell", id: "KEY" },
  ],
  [
    { source: "exec", id: "a/b#c" },
    { source: "exec", provider: "default", id: "a/b#c" },
  ],
  [
    { source: "file", id: "/a~1b/c~0d" },
    { source: "file", provider: "vault-file", id: "/a~1b/c~0d" },
  ],
  [
    { source: "file", provider: "one", id: "value" },
    { source: "file", provider: "one", id: "value" },
  ],
  ["$OPENAI_API_KEY", { source: "env", provider: "shell", id: "OPENAI_API_KEY" }],
  ["a secret", undefined],
  ["$lower", undefined],
  ["$100 and more", undefined],
  [5, undefined],
])("%j", (value, reference) => {
  expect(readReference(value, defaults)).toEqual(reference);
});

test.each([
  {},
  { source: "vault", id: "x" },
  { source: "env", id: "lower" },
  { source: "env", provider: "Bad Name", id: "KEY" },
  { source: "env", provider: 5, id: "KEY" },
  { source: "env", id: "KEY", value: "secret" },
  { source: "file", id: "relative" },
  { source: "file", id: "/a~2" },
  { source: "exec", id: "a/../b" },
  { source: "exec", id: "../b" },
  { source: "exec", id: "a/." },
  { source: "exec", id: "-rf" },
  { source: "exec", id: "a b" },
])("%j is told to be wrong", (value) => {
  expect(readReference(value, {})).toEqual(expect.any(String));
});
