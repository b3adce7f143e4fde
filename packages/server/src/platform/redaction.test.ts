import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretName, redactText, redactValue } from "./redaction.ts";

test.each([
  "token",
  "botToken",
  "tokens",
  "password",
  "API_KEY",
  "apiKey",
  "api-key",
  "apiKeys",
  "x-api-key",
  "OPENAI_API_KEY",
  "client_secret",
  "webhookSecret",
  "privateKey",
  "AWS_SECRET_ACCESS_KEY",
  "secretKey",
  "Authorization",
  "cookies",
  "Set-Cookie",
  "encodingAESKey",
  "signingKey",
  "pass",
  "credentials",
  "serviceAccount",
  "recoveryKey",
])("%s names a secret", (name) => expect(isSecretName(name)).toBe(true));

test.each([
  "sessionKey",
  "mainKey",
  "skillKey",
  "mode",
  "tokenizer",
  "tokenFile",
  "compass",
  "authorizationUrl",
  "keywords",
  "key",
  "secretary",
  "maxTokensPerTurn",
])("%s names none", (name) => expect(isSecretName(name)).toBe(false));

describe("by name", () => {
  test.each<[string, unknown]>([
    ["in an object", { a: { token: "canary" } }],
    ["below a secret name", { credentials: { json: { deep: ["canary"] } } }],
    ["in a list of objects", [[{ password: "canary" }]]],
    ["in an environment", { mcp: { env: { ANYTHING: "canary" } } }],
    ["in headers", { headers: { "X-Whatever": "canary" } }],
    ["a list of secrets", { apiKeys: ["canary", { x: "canary" }] }],
    ["after a flag", { args: ["--verbose", "--api-key", "canary"] }],
    ["in a flag", { args: ["--token=canary"] }],
    ["as a header line", { curl: ["-H", "X-Api-Key: canary"] }],
    ["in an address", "postgres://user:canary@host/db"],
    ["in an address with odd characters", "https://u:p@canary@host:1/x"],
    ["in a query", "wss://h/ws?a=1&token=canary&b=2"],
    ["in a fragment", "http://h/#token=canary"],
    ["an authorization in text", 'sent {"Authorization":"Basic canary"}'],
    ["a webhook", "https://hooks.slack.com/services/T0/B0/canary"],
    ["under a key that looks like a prototype", JSON.parse('{"__proto__": {"token": "canary"}}')],
  ])("%s", (_name, value) => {
    expect(JSON.stringify(redactValue(value, "#"))).not.toContain("canary");
  });

  test("what is no secret stays", () => {
    const value = {
      maxTokens: 4096,
      contextTokens: 8,
      tokens: 5,
      sessionKey: "agent:main:main",
      auth: { mode: "token", token: "" },
      enabled: true,
      none: null,
      prompt: "Ask: what is a token? Basic understanding of bearer bonds.",
      url: "https://host/path?page=2",
      env: { flag: true },
      apiKey: "${OPENAI_API_KEY}",
      args: ["--port", "1", "--token", "--next"],
    };
    expect(redactValue(value, "#")).toEqual(value);
  });

  test("a number under the name of a password is one", () => {
    expect(redactValue({ password: 1234, pin: 1, passwords: 1, token: 5 }, "#")).toEqual({
      password: "#",
      pin: "#",
      passwords: 1,
      token: 5,
    });
  });
});

test.each([
  "Bearer abcdef123456",
  "sk-proj-abcdefghijklmnop1234",
  "xoxb-1234567890-abcdef",
  "ghp_abcdefghijklmnopqrstuv",
  "AIzaSyAbcdefghijklmnopqrstuvwxyz0123",
  "123456789:AAabcdefghijklmnopqrstuvwxyz0123456",
  "ocg_abcdefghijklmnopqrstuvwxyz",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
  "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
  "-----BEGIN PRIVATE KEY-----\nMIIabc",
])("the shape of %j is known", (text) => {
  const shown = redactText(`before ${text} after`, "#");
  expect(shown).toContain("before ");
  expect(shown).toContain("#");
  expect(shown).not.toContain(text.slice(-6));
});

test("any text is read in time that grows with its length", () => {
  for (const piece of ["?", "&a", "://", "a://", "bearer ", "eyJ", "-----BEGIN ", "authorization: ", "1", "@"]) {
    expect(redactText(piece.repeat(20_000), "#")).toBeTypeOf("string");
  }
});

test("redacting twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = redactValue({ root: value, token: value }, "__MARK__");
      expect(redactValue(once, "__MARK__")).toEqual(once);
    }),
  );
});
