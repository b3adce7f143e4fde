import { redactedMark } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import JSON5 from "json5";
import { expect, test } from "vitest";
import { createConfigView } from "./config-view.ts";
import { redactConfig } from "./redact.ts";

test("secrets go, everything else stays", () => {
  const given = {
    gateway: { auth: { token: "t", password: "p", mode: "token" } },
    models: {
      providers: {
        x: {
          apiKey: "k",
          baseUrl: "https://user:pw@host/v1",
          models: [{ id: "m", maxTokens: 5, contextTokens: 7 }],
          headers: { Authorization: "Bearer k" },
        },
      },
    },
    tools: [{ api_key: "a" }, { clientSecrets: ["b", "c"] }],
    empty: { token: "" },
  };
  expect(redactConfig(given)).toEqual({
    gateway: { auth: { token: redactedMark, password: redactedMark, mode: "token" } },
    models: {
      providers: {
        x: {
          apiKey: redactedMark,
          baseUrl: `https://${redactedMark}@host/v1`,
          models: [{ id: "m", maxTokens: 5, contextTokens: 7 }],
          headers: { Authorization: redactedMark },
        },
      },
    },
    tools: [{ api_key: redactedMark }, { clientSecrets: [redactedMark, redactedMark] }],
    empty: { token: "" },
  });
});

const spell = (text: string): string =>
  text.replaceAll(
    "canary",
    String.raw`\u0063\x61n\
ary`,
  );

test("a file that cannot be parsed is not shown", () => {
  const view = createConfigView({
    path: "p",
    exists: true,
    raw: "{ token: 'canary'",
    parsed: undefined,
    valid: false,
    config: {},
    hash: "h",
    issues: [{ path: "", message: "m" }],
    warnings: [],
  });
  expect(view).toMatchObject({
    raw: null,
    parsed: {},
    config: {},
    valid: false,
    hash: "h",
    issues: [{ message: "m" }],
  });
});

test("a planted secret is nowhere in the answer of config.get, however the file spells it", () => {
  const name = fc.constantFrom(
    "token",
    "password",
    "apiKey",
    "API_KEY",
    "botToken",
    "client-secret",
    "privateKey",
    "Authorization",
    "AWS_SECRET_ACCESS_KEY",
    "serviceAccount",
  );
  const canary = fc.stringMatching(/^[a-z0-9]{12,20}$/).map((text) => `canary-"'\n${text}`);
  const nest = fc.array(fc.constantFrom("object", "array", "env"), { maxLength: 4 });
  fc.assert(
    fc.property(name, canary, nest, (key, secret, wrappers) => {
      let value: unknown = { [key]: secret, plain: "visible" };
      for (const wrapper of wrappers)
        value = wrapper === "array" ? [value] : wrapper === "env" ? { env: { X: secret }, value } : { nested: value };
      // Every character of the secret spelt as an escape now and then, and the secret of last week in a comment.
      const raw = `// ${key}: ${JSON.stringify(secret)}\n${spell(JSON5.stringify({ root: value }, undefined, 2))}`;
      const view = createConfigView({
        path: "p",
        exists: true,
        raw,
        parsed: JSON5.parse(raw),
        valid: true,
        config: {},
        hash: "h",
        issues: [],
        warnings: [],
      });
      const text = JSON.stringify(view);
      expect(text).not.toContain(secret.slice(-12));
      expect(text).toContain("visible");
    }),
  );
});
