import { createRandomId, GatewayError } from "@openclaw-gateway/client";
import type { Params, Result } from "@openclaw-gateway/protocol";
import { readTimeout, withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { printJson } from "../output/json.ts";
import { plain, plainLine } from "../output/plain.ts";
import { createStreamPrinter } from "../output/stream-printer.ts";
import { followRun } from "../turns/follow-run.ts";
import { withInterrupts } from "../turns/interrupts.ts";
import { readMessage } from "../turns/read-message.ts";

export type AgentOptions = GlobalOptions & { message: string; agent?: string; session?: string; thinking?: string };

/** How much longer than the turn itself its answer may take to arrive. */
const graceMs = 10_000;

/** Runs one turn of an agent and prints what it said. */
export async function agent(context: CommandContext, options: AgentOptions): Promise<void> {
  const { agent: agentId, session, thinking, json = false } = options;
  const turnMs = readTimeout(options, "s");
  const runId = createRandomId();
  // Without a choice the gateway wants one; the main session is what a person means.
  const sessionKey = session ?? (agentId === undefined ? "main" : undefined);
  const params: Params<"agent"> = {
    message: await readMessage(options.message),
    idempotencyKey: runId,
    ...(agentId === undefined ? {} : { agentId }),
    ...(sessionKey === undefined ? {} : { sessionKey }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(turnMs === undefined ? {} : { timeout: Math.max(1, Math.round(turnMs / 1_000)) }),
  };
  // The limit is for the turn; the connection keeps its own.
  const { timeout: _, ...connection } = options;
  const streams = context.isTty && !json;
  const printer = createStreamPrinter(context.out);
  await withGateway(
    context,
    connection,
    async (client) => {
      let acceptedKey = sessionKey;
      const run = followRun(
        client,
        { runId, sessionKey: sessionKey ?? "main" },
        streams
          ? {
              onText: (text) => printer.show(text),
              onTool: (name) => printer.note(context.style.dim(`[${plainLine(name)}]`)),
            }
          : {},
      );
      try {
        const result = await withInterrupts(
          (count) => {
            if (count > 1) process.exit(exitCodes.interrupted.code);
            if (acceptedKey !== undefined)
              void client.request("chat.abort", { sessionKey: acceptedKey, runId }).catch(() => undefined);
          },
          () =>
            client.request("agent", params, {
              ...(turnMs === undefined ? {} : { timeoutMs: turnMs + graceMs }),
              onAccepted: (accepted) => {
                acceptedKey = accepted.sessionKey ?? acceptedKey;
              },
            }),
        );
        if (json) printJson(context, result);
        // A person has seen it come in; a pipe gets it whole.
        else if (!printer.end()) context.out(`${answerOf(result)}\n`);
        if (result.result?.meta.aborted === true) {
          throw new CommandError(
            turnMs === undefined ? "interrupted" : "timeout",
            `the turn was stopped (${result.summary ?? "aborted"})`,
          );
        }
      } catch (error) {
        printer.end();
        if (json && error instanceof GatewayError && error.payload !== undefined) printJson(context, error.payload);
        throw error;
      } finally {
        run.stop();
      }
    },
    { caps: ["tool-events"] },
  );
}

function answerOf({ result, summary }: Result<"agent">): string {
  const texts = result?.payloads.flatMap(({ text }) => (text === undefined ? [] : [text])) ?? [];
  return plain(texts.length > 0 ? texts.join("\n\n") : (summary ?? ""));
}
