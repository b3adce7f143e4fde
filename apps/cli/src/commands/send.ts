import { createRandomId } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { plainLine } from "../output/plain.ts";
import { createStreamPrinter } from "../output/stream-printer.ts";
import { followRun } from "../turns/follow-run.ts";
import { withInterrupts } from "../turns/interrupts.ts";
import { readMessage } from "../turns/read-message.ts";

export type SendOptions = GlobalOptions & { session: string; wait: boolean };

/** Sends a message to a session and prints the answer. */
export async function send(context: CommandContext, options: SendOptions, words: readonly string[]): Promise<void> {
  const message = await readMessage(words.join(" "));
  await withGateway(context, options, (client) => sendOn(client, context, options, message));
}

async function sendOn(
  client: GatewayClient,
  context: CommandContext,
  options: SendOptions,
  message: string,
): Promise<void> {
  const { session: sessionKey, json = false, wait } = options;
  const runId = createRandomId();
  const printer = createStreamPrinter(context.out);
  const streams = context.isTty && !json;
  const run = followRun(client, { runId, sessionKey }, { onText: (text) => streams && printer.show(text) });
  try {
    const ack = await client.request("chat.send", { sessionKey, message, idempotencyKey: runId });
    if (ack.runIds !== undefined || !wait) {
      if (json) printJson(context, ack);
      else context.out(ack.runIds === undefined ? `${runId}\n` : `stopped ${ack.runIds.length} running turns\n`);
      return;
    }
    const end = await withInterrupts(
      (count) => {
        // The gateway does not answer: leave without it.
        if (count > 1) process.exit(exitCodes.interrupted.code);
        client.request("chat.abort", { sessionKey, runId }).catch(() => undefined);
      },
      () => run.ended,
    );
    const { state, text, errorMessage, stopReason } = end;
    if (json)
      printJson(context, { runId, sessionKey: end.sessionKey, status: state, text, stopReason, error: errorMessage });
    else printer.show(text);
    printer.end();
    // The document has told it already.
    if (state === "error") throw new CommandError("failed", plainLine(errorMessage ?? "the turn failed"));
    if (state === "aborted") throw new CommandError("interrupted", `the turn was stopped (${stopReason ?? "aborted"})`);
  } finally {
    run.stop();
  }
}
