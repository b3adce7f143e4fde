import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rewriteConnect } from "./connect-frame.ts";

const token = "canary-5f2c";
const credential = { token, scopes: ["operator.read", "operator.write"] } as const;
const client = { id: "gateway-client", version: "1", platform: "web", mode: "backend" };
const connect = (params: unknown) => ({ type: "req", id: "c1", method: "connect", params });
const rewrite = (frame: unknown, given: Parameters<typeof rewriteConnect>[2] = credential) =>
  rewriteConnect(Buffer.from(JSON.stringify(frame)), false, given);
const paramsOf = (frame: unknown, given?: Parameters<typeof rewriteConnect>[2]): Record<string, unknown> => {
  const read = rewrite(frame, given);
  if (!read.ok) throw new Error(read.reason);
  return JSON.parse(read.frame.toString()).params;
};

describe("connect through the proxy", () => {
  test("gets the token and the scopes; the rest stays", () => {
    const read = rewrite(connect({ minProtocol: 3, maxProtocol: 4, client, caps: ["tool-events"], locale: "de" }));
    expect(read).toMatchObject({ ok: true, id: "c1" });
    expect(read.ok && JSON.parse(read.frame.toString())).toEqual(
      connect({
        minProtocol: 3,
        maxProtocol: 4,
        client,
        caps: ["tool-events"],
        locale: "de",
        role: "operator",
        scopes: ["operator.read", "operator.write"],
        auth: { token },
      }),
    );
  });

  test("whatever the page sends to prove itself is gone", () => {
    const params = paramsOf(
      connect({ client, role: "node", auth: { token: "mine", password: "p", deviceToken: "d" }, device: { id: "d" } }),
    );
    expect(params).toMatchObject({ auth: { token }, role: "operator" });
    expect(params).not.toHaveProperty("device");
  });

  test.each([
    ["webchat-ui", "webchat"],
    ["openclaw-control-ui", "ui"],
    ["webchat", "webchat"],
  ])("a page's identity (%s, %s) is the backend's here", (id, mode) => {
    expect(paramsOf(connect({ client: { ...client, id, mode } }))["client"]).toEqual(client);
  });

  test.each<[string, unknown, Parameters<typeof rewriteConnect>[2]["scopes"], string[]]>([
    ["none asked for", undefined, credential.scopes, ["operator.read", "operator.write"]],
    ["empty", [], credential.scopes, ["operator.read", "operator.write"]],
    ["more than allowed", ["operator.admin"], credential.scopes, ["operator.read", "operator.write"]],
    [
      "allowed and asked for",
      ["operator.approvals"],
      [...credential.scopes, "operator.approvals"],
      ["operator.read", "operator.write", "operator.approvals"],
    ],
    ["allowed, not asked for", [], [...credential.scopes, "operator.approvals"], ["operator.read", "operator.write"]],
    ["read only", ["operator.write"], ["operator.read"], ["operator.read"]],
    ["covered by a wider one", ["operator.read"], ["operator.admin"], ["operator.read", "operator.write"]],
    ["no scope at all", ["nonsense", 7], credential.scopes, ["operator.read", "operator.write"]],
  ])("scopes: %s", (_name, scopes, allowed, expected) => {
    expect(paramsOf(connect({ client, scopes }), { token, scopes: allowed })["scopes"]).toEqual(expected);
  });

  test("nothing left is refused, because gateways read it as everything", () => {
    expect(rewrite(connect({ client }), { token, scopes: [] })).toEqual({
      ok: false,
      reason: "no scope is allowed here",
    });
  });

  test.each<[string, unknown]>([
    ["another method", { type: "req", id: "1", method: "chat.send", params: {} }],
    ["an event", { type: "event", event: "connect" }],
    ["no id", { type: "req", method: "connect", params: {} }],
    ["a list as params", { type: "req", id: "1", method: "connect", params: [] }],
    ["null", null],
    ["text", "connect"],
  ])("%s is refused", (_name, frame) => {
    expect(rewrite(frame)).toMatchObject({ ok: false, reason: /^first frame/ });
  });

  test("so are binary, broken and long ones", () => {
    const frame = Buffer.from(JSON.stringify(connect({ client })));
    expect(rewriteConnect(frame, true, credential)).toMatchObject({ ok: false });
    expect(rewriteConnect(Buffer.from("{"), false, credential)).toMatchObject({ ok: false });
    expect(rewrite(connect({ client, pad: "x".repeat(70_000) }))).toMatchObject({ ok: false });
  });

  test("no page gets more than is allowed, whatever it writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (scopes, role) => {
        const params = paramsOf(connect({ client, scopes, role, auth: scopes, device: role }));
        expect(params["scopes"]).toEqual(["operator.read", "operator.write"]);
        expect(params["role"]).toBe("operator");
        expect(params["auth"]).toEqual({ token });
      }),
    );
  });
});
