import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { formatLogLine } from "../output/log-line.ts";
import { printJson } from "../output/json.ts";
import { withInterrupts } from "../turns/interrupts.ts";

export type LogsTailOptions = GlobalOptions & { follow?: boolean; limit?: number };

const defaultLimit = 200;
const pollIntervalMs = 1_000;
/** Bytes of one answer. */
const maxBytes = 250_000;

/** The end of the gateway's log; with `--follow` what is written from now on, too. */
export async function tailLogs(context: CommandContext, options: LogsTailOptions): Promise<void> {
  const { follow = false, limit = defaultLimit, json = false } = options;
  await withGateway(
    context,
    options,
    async (client) => {
      const first = await client.request("logs.tail", { limit, maxBytes });
      const print = (lines: readonly string[]): void => {
        for (const line of lines) context.out(`${json ? toDocument(line) : formatLogLine(line, context.style)}\n`);
      };
      if (!follow && json) return printJson(context, first);
      print(first.lines);
      if (first.lines.length === 0) context.err(context.errStyle.dim(`${first.file} is empty\n`));
      if (follow) await followFrom(client, first.cursor, context, print);
    },
    { reconnect: follow },
  );
}

async function followFrom(
  client: GatewayClient,
  from: number,
  { err, errStyle }: CommandContext,
  print: (lines: readonly string[]) => void,
): Promise<void> {
  const stopping = new AbortController();
  const stopTelling = client.onState(({ at }) => {
    if (at === "waiting") err(errStyle.yellow("connection lost, trying again …\n"));
  });
  const note = (text: string): void => err(errStyle.dim(`${text}\n`));
  await withInterrupts(
    () => stopping.abort(),
    async () => {
      let cursor = from;
      while (!stopping.signal.aborted) {
        await sleep(pollIntervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) break;
        const page = await client
          .request("logs.tail", { cursor, maxBytes }, { signal: stopping.signal })
          .catch(mayRetry);
        if (page === undefined) continue;
        if (page.reset) note("the log file began anew");
        if (page.truncated) note("some lines were left out");
        print(page.lines);
        ({ cursor } = page);
      }
    },
  );
  stopTelling();
}

/** A lost answer is asked for again: the cursor has not moved. A client that gave up is the end. */
function mayRetry(error: unknown): undefined {
  const isPassing = error instanceof ConnectionError && ["closed", "timeout", "aborted"].includes(error.reason);
  if (!isPassing || (error.reason === "closed" && error.cause !== undefined)) throw error;
}

/** One document a line. */
function toDocument(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line));
  } catch {
    return JSON.stringify({ msg: line });
  }
}
