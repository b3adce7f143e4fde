import { ConnectionError, type GatewayClient } from "@openclaw-gateway/browser-client";
import type { Result } from "@openclaw-gateway/protocol";
import { hasScope } from "@openclaw-gateway/protocol/wire";
import type { AppAction } from "../../app/actions.ts";
import type { AppState } from "../../app/app-state.ts";
import type { Store } from "../../app/store.ts";

export type Decision = "approve" | "reject";

/** What a person may do about devices. What fails is told by the state, except where a result is awaited. */
export interface DevicesSync {
  reload(): void;
  decide(requestId: string, decision: Decision): void;
  decideNode(requestId: string, decision: Decision): void;
  rename(deviceId: string, label: string): Promise<boolean>;
  remove(deviceId: string): void;
  revoke(deviceId: string, role: string): void;
  /** The new token, which is told once; undefined when there is none. */
  rotate(deviceId: string, role: string): Promise<{ token: string; scopes: readonly string[] } | undefined>;
  removeNode(nodeId: string): void;
  renameNode(nodeId: string, displayName: string): Promise<boolean>;
  /** Rejects with what the gateway says. */
  makeCode(profile: "limited" | "node", publicUrl: string): Promise<Result<"device.pair.setupCode">>;
}

/** Several changes at once are read once. */
const reloadAfterMs = 150;

/** Keeps the devices as the gateway has them. */
export function createDevicesSync(client: GatewayClient, store: Store<AppState, AppAction>): DevicesSync {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let loads = 0;

  client.on("device.pair.requested", (payload) => store.dispatch({ type: "device-requested", payload }));
  client.on("node.pair.requested", (payload) => store.dispatch({ type: "node-requested", payload }));
  client.on("device.pair.resolved", ({ requestId }) => resolved(requestId));
  client.on("node.pair.resolved", ({ requestId }) => resolved(requestId));
  // Who comes and goes changes who is connected and when they were seen; only the page of devices shows it.
  client.on("presence", () => {
    if (store.get().page === "devices") soon();
  });
  client.onGap(() => void load());
  client.onState(({ at }) => {
    if (at === "ready") void load();
    else clearTimeout(timer);
  });

  function resolved(requestId: string): void {
    store.dispatch({ type: "request-resolved", requestId });
    soon();
  }

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void load(), reloadAfterMs);
  }

  async function load(): Promise<void> {
    if (!hasScope(client.hello?.auth?.scopes ?? [], "operator.pairing")) {
      store.dispatch({ type: "devices-not-loaded", load: "forbidden" });
      return;
    }
    const own = ++loads;
    try {
      const [devices, nodes] = await Promise.all([
        client.request("device.pair.list"),
        client.request("node.pair.list"),
      ]);
      if (own !== loads) return;
      store.dispatch({
        type: "devices-loaded",
        pending: devices.pending,
        paired: devices.paired,
        pendingNodes: nodes.pending,
        nodes: nodes.paired,
      });
    } catch (error) {
      if (own === loads && !(error instanceof ConnectionError && error.reason === "closed"))
        store.dispatch({ type: "devices-not-loaded", load: { error: textOf(error) } });
    }
  }

  /** What the work gives; what it meets goes to the state. Either way the list is read again. */
  async function change<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // A link that was ended by the change itself, such as a device that removes itself, says so on its own.
      if (!(error instanceof ConnectionError && error.reason === "closed"))
        store.dispatch({ type: "device-problem", message: textOf(error) });
      return undefined;
    } finally {
      if (client.state.at === "ready") soon();
    }
  }

  return {
    reload: () => {
      if (client.state.at === "ready") void load();
    },
    decide: (requestId, decision) =>
      void change(async () => {
        await client.request(`device.pair.${decision}`, { requestId });
        store.dispatch({ type: "request-resolved", requestId });
      }),
    decideNode: (requestId, decision) =>
      void change(async () => {
        await client.request(`node.pair.${decision}`, { requestId });
        store.dispatch({ type: "request-resolved", requestId });
      }),
    rename: async (deviceId, label) =>
      (await change(() => client.request("device.pair.rename", { deviceId, label }))) !== undefined,
    remove: (deviceId) => void change(() => client.request("device.pair.remove", { deviceId })),
    revoke: (deviceId, role) => void change(() => client.request("device.token.revoke", { deviceId, role })),
    rotate: async (deviceId, role) => {
      const rotated = await change(() => client.request("device.token.rotate", { deviceId, role }));
      return rotated?.token === undefined ? undefined : { token: rotated.token, scopes: rotated.scopes };
    },
    removeNode: (nodeId) => void change(() => client.request("node.pair.remove", { nodeId })),
    renameNode: async (nodeId, displayName) =>
      (await change(() => client.request("node.rename", { nodeId, displayName }))) !== undefined,
    makeCode: (bootstrapProfile, publicUrl) => client.request("device.pair.setupCode", { bootstrapProfile, publicUrl }),
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
