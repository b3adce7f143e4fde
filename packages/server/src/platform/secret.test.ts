import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

test("nothing that prints or copies shows it", () => {
  const secret = new Secret("canary");
  const holder = { secret, list: [secret] };
  const shown = [
    String(secret),
    ["", secret].join(""),
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    inspect(secret, { customInspect: false, showHidden: true }),
    JSON.stringify(Object.assign({}, secret)),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    inspect(structuredClone(secret)),
  ];
  expect(shown.join("\n")).not.toContain("canary");
  expect(secret.reveal()).toBe("canary");
});

test("equals exactly itself", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(new Secret(a).equals(a)).toBe(true);
      expect(new Secret(a).equals(b)).toBe(a === b);
    }),
  );
});
