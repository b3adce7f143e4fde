import { GatewayError } from "@openclaw-gateway/client";
import { withGateway } from "../../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../../context.ts";
import { CommandError } from "../../exit-codes.ts";
import { printJson } from "../../output/json.ts";

export type CallOptions = GlobalOptions & { params?: string };

/** Calls any method by its wire name and prints the answer, which is JSON in any case. */
export async function callMethod(
  context: CommandContext,
  options: CallOptions,
  [method = ""]: readonly string[],
): Promise<void> {
  const params = parseParams(options.params);
  await withGateway(context, options, async (client) => {
    try {
      printJson(context, await client.requestUntyped(method, params));
    } catch (error) {
      // Whoever calls methods by name wants the whole refusal.
      if (options.json && error instanceof GatewayError) printJson(context, { error: error.toWire() });
      throw error;
    }
  });
}

function parseParams(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fix = `write JSON in single quotes, for example --params '{"limit":5}'`;
    throw new CommandError("usage", `--params is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      fix,
      cause,
    });
  }
}
