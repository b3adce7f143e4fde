import type { GatewayClient } from "@openclaw-gateway/browser-client";
import type { ApprovalDecision } from "@openclaw-gateway/protocol";
import type { AppAction } from "../../app/actions.ts";
import type { AppState } from "../../app/app-state.ts";
import type { Store } from "../../app/store.ts";

export type Decide = (id: string, decision: ApprovalDecision) => Promise<void>;

/** Keeps what waits for a decision as the gateway has it. Returns the call that decides. */
export function createApprovalsSync(client: GatewayClient, store: Store<AppState, AppAction>): Decide {
  client.on("exec.approval.requested", (approval) => store.dispatch({ type: "approval-requested", approval }));
  client.on("exec.approval.resolved", ({ id }) => store.dispatch({ type: "approval-ended", id }));
  client.onGap(() => void load());
  client.onState(({ at }) => {
    if (at === "ready") void load();
  });

  async function load(): Promise<void> {
    try {
      store.dispatch({ type: "approvals-loaded", approvals: await client.request("exec.approval.list") });
    } catch {
      // Whoever may not decide is not asked.
    }
  }

  return async (id, decision) => {
    try {
      await client.request("exec.approval.resolve", { id, decision });
      store.dispatch({ type: "approval-ended", id });
    } catch (error) {
      store.dispatch({ type: "approval-failed", id, message: error instanceof Error ? error.message : String(error) });
    }
  };
}
