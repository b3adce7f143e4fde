import { methodGroups } from "@openclaw-gateway/protocol";
import type { Clock } from "../../platform/clock.ts";
import { implement } from "../../rpc/handler.ts";
import { memoised } from "../../rpc/memoised.ts";
import { stable } from "../../rpc/stable.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";

export function createModels({ runtime, clock }: { runtime: AgentRuntime; clock: Clock }) {
  const answer = memoised(
    () => runtime.models(),
    (models) => stable({ models: [...models] }),
  );
  // The runtime lists the models of those providers that it can ask.
  const providers = memoised(
    () => runtime.models(),
    (models) =>
      [...new Set(models.map(({ provider }) => provider))].map((provider) => ({
        provider,
        authProvider: provider,
        displayName: provider,
        status: "static",
        profiles: [],
      })),
  );
  return implement(methodGroups.models, {
    "models.list": () => answer(),
    "models.authStatus": () => ({ ts: clock.now(), providers: providers(), providerCapabilities: [] }),
  });
}
