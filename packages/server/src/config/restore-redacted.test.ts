import { redactedMark } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { redactConfig } from "./redact.ts";
import { restoreRedacted } from "./restore-redacted.ts";
import type { ConfigContent } from "./write.ts";

const names = fc.constantFrom("token", "apiKey", "id", "name", "headers", "url", "models", "maxTokens", "args");
const words = fc.oneof(
  fc.string(),
  fc.constantFrom("https://u:pass@host/", "--api-key=abcdef", "Bearer abcdef123", "${NAME}", ""),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(names, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const content = fc.dictionary(names, value, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<ConfigContent>;

test("what was shown redacted and sent back as it is means what it was", () => {
  fc.assert(
    fc.property(content, (before) => {
      expect(restoreRedacted(redactConfig(before) as ConfigContent, before)).toEqual(before);
    }),
  );
});

const providers = (...models: object[]) => ({ models: { providers: { stub: { apiKey: "k", models } } } });
const mcp = (...servers: object[]) => ({ servers });
test.each<[string, ConfigContent, (shown: ConfigContent) => ConfigContent, ConfigContent]>([
  [
    "a key beside it is changed",
    { gateway: { port: 1, auth: { token: "t" } } },
    (shown) => ({ ...shown, gateway: { ...(shown["gateway"] as object), port: 2 } }),
    { gateway: { port: 2, auth: { token: "t" } } },
  ],
  [
    "a number in a list is changed",
    providers({ id: "a", maxTokens: 1 }, { id: "b", maxTokens: 2 }),
    () => ({
      models: {
        providers: {
          stub: {
            apiKey: redactedMark,
            models: [
              { id: "a", maxTokens: 9 },
              { id: "b", maxTokens: 2 },
            ],
          },
        },
      },
    }),
    providers({ id: "a", maxTokens: 9 }, { id: "b", maxTokens: 2 }),
  ],
  [
    "members of a list have changed places, and one is gone",
    mcp({ id: "a", token: "1" }, { id: "b", token: "2" }, { id: "c", token: "3" }),
    () => mcp({ id: "c", token: redactedMark }, { id: "a", token: redactedMark }),
    mcp({ id: "c", token: "3" }, { id: "a", token: "1" }),
  ],
  [
    "a member is new",
    mcp({ id: "a", token: "1" }),
    () => mcp({ id: "new", token: "mine" }, { id: "a", token: redactedMark }),
    mcp({ id: "new", token: "mine" }, { id: "a", token: "1" }),
  ],
])("secrets are put back when %s", (_, before, edit, after) => {
  expect(restoreRedacted(edit(redactConfig(before) as ConfigContent), before)).toEqual(after);
});

test("a mark that stands for nothing stays", () => {
  const sent = { gateway: { auth: { password: redactedMark } } };
  expect(restoreRedacted(sent, { gateway: { auth: { token: "t" } } })).toEqual(sent);
});
