import { withGateway } from "../../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../../context.ts";
import { CommandError, exitCodes } from "../../exit-codes.ts";
import { printJson } from "../../output/json.ts";
import { formatFields } from "../../output/table.ts";
import { formatAge } from "../../output/time.ts";

/** The gateway's own health snapshot. */
export async function showHealth(context: CommandContext, options: GlobalOptions): Promise<number> {
  const health = await withGateway(context, options, (client) => client.request("health"));
  const code = health.ok ? exitCodes.done.code : exitCodes.failed.code;
  if (options.json) {
    printJson(context, health);
    return code;
  }
  const { style } = context;
  context.out(
    formatFields({
      health: health.ok ? style.green("ok") : style.red("not ok"),
      agents:
        health.agents.map(({ agentId, isDefault }) => (isDefault ? `${agentId} (default)` : agentId)).join(", ") ||
        undefined,
      sessions: String(health.sessions.count),
      channels: health.channelOrder.map((id) => health.channelLabels[id] ?? id).join(", ") || "none",
      checked: formatAge(health.ts, Date.now()),
    }),
  );
  if (!health.ok)
    throw new CommandError("failed", "a part of the gateway failed", {
      fix: `${context.invocation} gateway status names it`,
    });
  return code;
}
