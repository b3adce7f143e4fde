import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayClient, type GatewayConfig, openDeviceIdentity } from "@openclaw-gateway/client";
import { findMethod, type MethodName } from "@openclaw-gateway/protocol";

/** Who calls: each is connected when it is first needed. */
export type Callers = {
  operator: GatewayClient;
  /** Methods that ended with protocol 3. */
  olderOperator: GatewayClient;
  daemon: GatewayClient;
};

export type World = ReturnType<typeof createWorld>;

/**
 * What the cases need around them, made over one way of connecting. Names are new in every world, so that several can share
 * a gateway.
 */
export function createWorld(connect: (config: GatewayConfig) => GatewayClient) {
  const clients: GatewayClient[] = [];
  const open = (config: GatewayConfig): GatewayClient => {
    const client = connect({ environment: {}, scopes: ["operator.admin"], ...config });
    clients.push(client);
    return client;
  };
  const folder = join(tmpdir(), `contract-${randomUUID()}`);
  const operator = open({});
  const callers: { [C in keyof Callers]: () => GatewayClient } = {
    operator: () => operator,
    olderOperator: memoised(() => open({ maxProtocol: 3 })),
    daemon: memoised(() => open({ role: "agent", scopes: [] })),
  };

  const fresh = (what: string): string => `${what}-${randomUUID().slice(0, 8)}`;

  /** A device that was let in silently, because it came from this machine with the secret. */
  const device = async () => {
    const identity = await openDeviceIdentity(join(folder, `${fresh("device")}.json`));
    const client = open({ device: identity, scopes: ["operator.read"] });
    await client.connect();
    return { identity, deviceId: identity.deviceId };
  };

  return {
    fresh,
    /** Who may call a method, as its definition says. */
    callerOf: (method: MethodName): GatewayClient => {
      const spec = findMethod(method);
      if (spec?.role === "agent") return callers.daemon();
      return spec?.until === undefined ? callers.operator() : callers.olderOperator();
    },
    operator,
    olderOperator: callers.olderOperator,
    /** A session in which something was said; the same one every time. */
    spoken: memoised(async () => {
      const sessionKey = fresh("spoken");
      const runId = fresh("run");
      await operator.request("agent", { sessionKey, message: "hello", idempotencyKey: runId });
      const { messages } = await operator.request("chat.history", { sessionKey });
      const { sessions } = await operator.request("sessions.list");
      const key = sessions.find((session) => session.key.endsWith(sessionKey))?.key ?? sessionKey;
      const own = messages[0]?.["__openclaw"] as { id: string };
      return { sessionKey, key, runId, messageId: own.id };
    }),
    /** A session without messages. */
    session: async (): Promise<string> =>
      (await operator.request("sessions.patch", { key: fresh("session"), label: fresh("Session") })).key,
    /** An agent of its own. */
    agent: async (): Promise<string> => (await operator.request("agents.create", { name: fresh("agent") })).agentId,
    /** A command that waits for a person. */
    approval: (): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = { command: "ls", timeoutMs: 60_000, twoPhase: true };
        // The answer comes when somebody decides, or never.
        operator
          .request("exec.approval.request", asked, { onAccepted: ({ id }) => resolve(id) })
          .catch((error: unknown) => reject(error));
      }),
    device,
    /** What a device of this machine asks for beyond what it has. */
    deviceRequest: async (): Promise<string> => {
      const { identity } = await device();
      const client = open({ device: identity, scopes: ["operator.admin"] });
      await client.connect().catch(() => {});
      const { pending } = await operator.request("device.pair.list");
      const mine = pending.find(({ deviceId }) => deviceId === identity.deviceId);
      if (mine === undefined) throw new Error("the device does not wait");
      return mine.requestId;
    },
    nodeRequest: async () => {
      const nodeId = fresh("node");
      const { request } = await callers.olderOperator().request("node.pair.request", { nodeId });
      return { nodeId, requestId: request.requestId };
    },
    /** A node that was let in, with the token it was given. */
    node: async () => {
      const nodeId = fresh("node");
      const { request } = await callers.olderOperator().request("node.pair.request", { nodeId });
      const { node } = await operator.request("node.pair.approve", { requestId: request.requestId });
      return { nodeId, token: node.token ?? "" };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.disconnect()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function memoised<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
