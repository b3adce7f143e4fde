import type { DeviceRequest } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { noWaitingDevices, reduceWaitingDevices, wishOf } from "./waiting-devices.ts";

const request = (requestId: string, over: Partial<DeviceRequest> = {}): DeviceRequest => ({
  requestId,
  deviceId: `device of ${requestId}`,
  publicKey: "k",
  role: "operator",
  roles: ["operator"],
  scopes: ["operator.read"],
  silent: false,
  isRepair: false,
  ts: 1,
  ...over,
});

test("requests come once, the newest first, and go when somebody decides", () => {
  let state = reduceWaitingDevices(noWaitingDevices, { type: "devices-loaded", pending: [request("a")] });
  state = reduceWaitingDevices(state, { type: "device-requested", payload: request("b") });
  state = reduceWaitingDevices(state, { type: "device-requested", payload: request("a", { ts: 2 }) });
  expect(state.rows.map(({ requestId, ts }) => [requestId, ts])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(reduceWaitingDevices(state, { type: "device-resolved", requestId: "other" })).toBe(state);
  state = reduceWaitingDevices(state, { type: "device-problem", message: "no" });
  state = reduceWaitingDevices(state, { type: "device-resolved", requestId: "a" });
  expect(state).toMatchObject({ rows: [{ requestId: "b" }], problem: undefined });
  expect(reduceWaitingDevices(state, { type: "signed-out" })).toBe(noWaitingDevices);
});

test.each([
  [{ scopes: ["operator.read", "operator.admin"] }, "asks for full control of this gateway"],
  [{ scopes: ["operator.read", "operator.write"] }, "asks to read, write"],
  [{ role: "node", scopes: [] }, "wants to offer its commands to agents"],
  [{ role: "agent", scopes: [] }, "wants to connect as agent"],
])("%j is told as: %s", (over, words) => {
  expect(wishOf(request("a", over))).toBe(words);
});
