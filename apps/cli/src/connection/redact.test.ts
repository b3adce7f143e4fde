import { expect, test } from "vitest";
import { describeFrame } from "./redact.ts";

test("frames are shown without secrets", () => {
  const frame = {
    type: "req",
    params: {
      auth: { token: "canary-1", password: "canary-2", deviceToken: "canary-3" },
      device: { publicKey: "key", signature: "canary-4" },
      list: [{ apiKey: "canary-5", maxTokens: 12, totalTokens: 12 }],
    },
  };
  const text = describeFrame(JSON.stringify(frame));
  expect(text).not.toContain("canary");
  expect(text).toContain('"publicKey":"key"');
  expect(text).toContain('"maxTokens":12,"totalTokens":12');
});

test("what is no JSON is only counted", () => {
  expect(describeFrame("token=canary")).toBe("(12 characters that are not JSON)");
});
