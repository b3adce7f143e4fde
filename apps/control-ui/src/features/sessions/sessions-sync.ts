import { ConnectionError, type GatewayClient } from "@openclaw-gateway/browser-client";
import type { AppAction } from "../../app/actions.ts";
import type { AppState } from "../../app/app-state.ts";
import type { Store } from "../../app/store.ts";

const listLimit = 200;

/** Keeps the session list and the catalogue as the gateway has them. Returns the call that reads the list again. */
export function createSessionsSync(client: GatewayClient, store: Store<AppState, AppAction>): () => void {
  client.subscribe("sessions.subscribe", {});
  client.on("sessions.changed", (payload) => store.dispatch({ type: "session-changed", payload }));
  client.onGap(() => void loadList());
  client.onState(({ at }) => {
    if (at !== "ready") return;
    void loadList();
    void loadCatalog();
  });

  async function loadList(): Promise<void> {
    try {
      const list = await client.request("sessions.list", {
        limit: listLimit,
        includeDerivedTitles: true,
        includeLastMessage: true,
      });
      store.dispatch({ type: "sessions-loaded", rows: list.sessions, hasMore: list["hasMore"] === true });
    } catch (error) {
      if (error instanceof ConnectionError && error.reason === "closed") return;
      store.dispatch({ type: "sessions-failed", message: error instanceof Error ? error.message : String(error) });
    }
  }

  async function loadCatalog(): Promise<void> {
    try {
      const [agents, models] = await Promise.all([client.request("agents.list"), client.request("models.list")]);
      store.dispatch({ type: "catalog-loaded", agents, models });
    } catch {
      // Names and labels only: the page works without, and the next connection asks again.
    }
  }

  return () => void loadList();
}
