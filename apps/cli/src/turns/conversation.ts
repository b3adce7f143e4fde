import { ConnectionError, createRandomId, GatewayError } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import type { CommandContext } from "../context.ts";
import { plainLine } from "../output/plain.ts";
import { createStreamPrinter } from "../output/stream-printer.ts";
import { followRun } from "./follow-run.ts";

/** One session as a terminal shows it: says something, prints what comes back, stops it. */
export interface Conversation {
  open(): Promise<{ session: string; model: string; count: number }>;
  /** Sends a message and prints the answer as it comes. False when it did not end well; the reason is printed. */
  say(message: string): Promise<boolean>;
  /** Stops the running turn. False when that was asked for already. */
  abort(): boolean;
  /** Ends the wait for a running turn; the turn itself goes on in the gateway. */
  leave(): void;
  /** Forgets the transcript; resolves with what to tell. */
  reset(): Promise<string>;
  /** Changes to another session; resolves with what to tell. */
  enter(sessionKey: string): Promise<string>;
  readonly isRunning: boolean;
  readonly hasLeft: boolean;
}

export function createConversation(client: GatewayClient, context: CommandContext, firstKey: string): Conversation {
  const { style, errStyle, out, err } = context;
  let sessionKey = firstKey;
  let running: { runId: string; isAborting: boolean } | undefined;
  const left = Promise.withResolvers<undefined>();
  let hasLeft = false;

  async function open(): Promise<{ session: string; model: string; count: number }> {
    const history = await client.request("chat.history", { sessionKey, limit: 1 });
    const { models } = await client.request("models.list");
    const info = history["sessionInfo"];
    const known = typeof info === "object" && info !== null ? info : {};
    const { modelProvider, model }: { modelProvider?: unknown; model?: unknown } = known;
    const first = models[0];
    const chosen =
      typeof model === "string" ? `${String(modelProvider)}/${model}` : first && `${first.provider}/${first.id}`;
    return {
      session: plainLine(sessionKey),
      model: plainLine(chosen ?? "no model"),
      count: history.totalMessages ?? history.messages.length,
    };
  }

  async function say(message: string): Promise<boolean> {
    const runId = createRandomId();
    const printer = createStreamPrinter(out);
    running = { runId, isAborting: false };
    const run = followRun(
      client,
      { runId, sessionKey },
      { onText: printer.show, onTool: (name, args) => printer.note(style.dim(`[${describeTool(name, args)}]`)) },
    );
    try {
      const ack = await client.request("chat.send", { sessionKey, message, idempotencyKey: runId });
      // A word such as `stop` begins no run.
      if (ack.runIds !== undefined) {
        out(style.dim(`stopped ${ack.runIds.length} running turns\n`));
        return true;
      }
      const end = await Promise.race([run.ended, left.promise]);
      if (end === undefined) return false;
      printer.show(end.text);
      printer.end();
      if (end.state === "error") tell(end.errorMessage ?? "the turn failed");
      if (end.state === "aborted") err(errStyle.yellow("(stopped)\n"));
      return end.state === "final";
    } catch (error) {
      printer.end();
      // A refusal is an answer; a connection that will not come back is the end.
      if (client.state.at === "stopped" || !(error instanceof GatewayError || error instanceof ConnectionError))
        throw error;
      tell(error.message);
      return false;
    } finally {
      run.stop();
      running = undefined;
    }
  }

  const tell = (message: string): void => err(`${errStyle.red("error:")} ${plainLine(message)}\n`);

  return {
    open,
    say,
    abort: () => {
      if (running === undefined || running.isAborting) return false;
      running.isAborting = true;
      client.request("chat.abort", { sessionKey, runId: running.runId }).catch(() => undefined);
      return true;
    },
    leave: () => {
      hasLeft = true;
      left.resolve(undefined);
    },
    reset: async () => {
      await client.request("sessions.reset", { key: sessionKey });
      return "a new conversation";
    },
    enter: async (key) => {
      sessionKey = key;
      const { session, count, model } = await open();
      return `${session} · ${count === 0 ? "new" : `${count} messages`} · ${model}`;
    },
    get isRunning() {
      return running !== undefined;
    },
    get hasLeft() {
      return hasLeft;
    },
  };
}

function describeTool(name: string, args: unknown): string {
  const values = typeof args === "object" && args !== null ? Object.values(args) : [];
  const first = values.find((value) => typeof value === "string");
  return plainLine(typeof first === "string" ? `${name} ${first.slice(0, 80)}` : name);
}
