import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodedBytes, isBase64, readDataUrl } from "./base64.ts";

test("what was encoded is base64 of as many bytes, however long", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1 }), fc.constantFrom(1, 200_000), async (bytes, times) => {
      const whole = Buffer.concat(Array.from({ length: bytes.length > 4 ? 1 : times }, () => bytes));
      const data = whole.toString("base64");
      expect(await isBase64(data)).toBe(true);
      expect(decodedBytes(data)).toBe(whole.length);
      expect(readDataUrl(`data:image/png;name=a;base64,${data}`)).toEqual({ data, mimeType: "image/png" });
    }),
    { numRuns: casesOf(40) },
  );
});

test.each([
  "",
  "A",
  "AA=A",
  "AAAA ",
  "A===",
  "AB-_",
  `${"A".repeat(262_144)}!AAA`,
  `${"=".repeat(4)}${"A".repeat(262_144)}`,
])("this is none (%#)", async (data) => {
  expect(await isBase64(data)).toBe(false);
});
