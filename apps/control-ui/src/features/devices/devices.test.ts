import type { DeviceRequest, NodeRequest } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { noDevices, reduceDevices, wishOf, wishOfNode } from "./devices.ts";

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
const node = (requestId: string): NodeRequest => ({
  requestId,
  nodeId: `node of ${requestId}`,
  isRepair: false,
  requiredApproveScopes: [],
  ts: 1,
});
const nothing = { pending: [], paired: [], pendingNodes: [], nodes: [] };

test("requests come once, the newest first, and go when somebody decides", () => {
  let state = reduceDevices(noDevices, { type: "devices-loaded", ...nothing, pending: [request("a")] });
  state = reduceDevices(state, { type: "device-requested", payload: request("b") });
  state = reduceDevices(state, { type: "device-requested", payload: request("a", { ts: 2 }) });
  state = reduceDevices(state, { type: "node-requested", payload: node("n") });
  expect(state.pending.map(({ requestId, ts }) => [requestId, ts])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
  expect(reduceDevices(state, { type: "request-resolved", requestId: "other" })).toBe(state);
  state = reduceDevices(state, { type: "device-problem", message: "no" });
  state = reduceDevices(state, { type: "request-resolved", requestId: "a" });
  expect(state).toMatchObject({ pending: [{ requestId: "b" }], pendingNodes: [{ requestId: "n" }] });
  expect(state.problem).toBeUndefined();
  state = reduceDevices(state, { type: "request-resolved", requestId: "n" });
  expect(state.pendingNodes).toEqual([]);
  expect(reduceDevices(state, { type: "signed-out" })).toBe(noDevices);
});

test("who may not see devices keeps none; a failed reading keeps what is shown", () => {
  const state = reduceDevices(noDevices, { type: "devices-loaded", ...nothing, pending: [request("a")] });
  const failed = reduceDevices(state, { type: "devices-not-loaded", load: { error: "busy" } });
  expect(failed).toMatchObject({ load: { error: "busy" }, pending: [{ requestId: "a" }] });
  expect(reduceDevices(state, { type: "devices-not-loaded", load: "forbidden" }).pending).toEqual([]);
});

test.each([
  [{ scopes: ["operator.read", "operator.admin"] }, "asks for full control of this gateway"],
  [{ scopes: ["operator.read", "operator.write"] }, "asks to read, write"],
  [{ role: "node", scopes: [] }, "wants to offer its commands to agents"],
  [{ role: "agent", scopes: [] }, "wants to connect as agent"],
])("%j is told as: %s", (over, words) => {
  expect(wishOf(request("a", over))).toBe(words);
});

test("a node asks with its commands", () => {
  expect(wishOfNode({ commands: ["system.run", "camera.snap"] })).toBe("wants to offer: system.run, camera.snap");
  expect(wishOfNode({})).toBe("wants to be a node");
});
