import { ConnectionError, type GatewayClient } from "@openclaw-gateway/browser-client";
import type { AppAction } from "../../app/actions.ts";
import type { AppState } from "../../app/app-state.ts";
import type { Store } from "../../app/store.ts";

/** Decides about a waiting device. */
export type DecideDevice = (requestId: string, decision: "approve" | "reject") => void;

/** Keeps the devices that wait for approval as the gateway has them. */
export function createDevicesSync(client: GatewayClient, store: Store<AppState, AppAction>): DecideDevice {
  client.on("device.pair.requested", (payload) => store.dispatch({ type: "device-requested", payload }));
  client.on("device.pair.resolved", ({ requestId }) => store.dispatch({ type: "device-resolved", requestId }));
  client.onGap(() => void load());
  client.onState(({ at }) => {
    if (at === "ready") void load();
  });

  async function load(): Promise<void> {
    try {
      const { pending } = await client.request("device.pair.list");
      store.dispatch({ type: "devices-loaded", pending });
    } catch {
      // Somebody without the permission sees no requests; the page works without.
    }
  }

  async function decide(requestId: string, decision: "approve" | "reject"): Promise<void> {
    try {
      await client.request(`device.pair.${decision}`, { requestId });
      store.dispatch({ type: "device-resolved", requestId });
    } catch (error) {
      if (error instanceof ConnectionError && error.reason === "closed") return;
      store.dispatch({ type: "device-problem", message: error instanceof Error ? error.message : String(error) });
      void load();
    }
  }

  return (requestId, decision) => void decide(requestId, decision);
}
