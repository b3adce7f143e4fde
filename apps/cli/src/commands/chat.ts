import type { GatewayClient } from "@openclaw-gateway/client/core";
import { createInterface } from "node:readline";
import { withGateway } from "../connection/gateway.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { plainLine } from "../output/plain.ts";
import { createConversation } from "../turns/conversation.ts";
import { createLineQueue } from "../turns/line-queue.ts";

export type ChatOptions = GlobalOptions & { session: string; agent?: string };

const help = `/new        forget this conversation and begin anew
/session X  go on in another session
/help       this list
/quit       leave (also Ctrl+D)
Ctrl+C stops the answer; pressed again it leaves.
`;

/** A conversation in the terminal. Lines from a pipe are answered one after the other. */
export async function chat(context: CommandContext, options: ChatOptions): Promise<number> {
  return withGateway(context, options, (client) => converse(client, context, options), {
    reconnect: true,
    caps: ["tool-events"],
  });
}

async function converse(client: GatewayClient, context: CommandContext, options: ChatOptions): Promise<number> {
  let code: number = exitCodes.done.code;
  const { style, out, isTty } = context;
  const isInteractive = isTty && process.stdin.isTTY;
  const { agent, session: asked } = options;
  const firstKey = agent === undefined || asked.startsWith("agent:") ? asked : `agent:${agent}:${asked}`;
  const conversation = createConversation(client, context, firstKey);
  const { session, model, count } = await conversation.open();
  if (isInteractive) {
    const known = count === 0 ? "new" : `${count} messages`;
    out(`${style.bold(session)} ${style.dim(`${known} · ${model} · /help, Ctrl+C stops an answer, Ctrl+D leaves`)}\n`);
  }

  const prompt = style.cyan("› ");
  const reader = createInterface({
    input: process.stdin,
    ...(isInteractive ? { output: process.stdout, prompt, historySize: 200 } : {}),
  });
  const lines = createLineQueue(reader);
  const interrupt = (): void => {
    const { isRunning } = conversation;
    if (isRunning && conversation.abort()) return;
    if (!isRunning && isInteractive && reader.line !== "") {
      // As in a shell: what was typed so far is thrown away.
      reader.write(null, { ctrl: true, name: "e" });
      reader.write(null, { ctrl: true, name: "u" });
      return;
    }
    if (isRunning || !isInteractive) code = exitCodes.interrupted.code;
    if (isInteractive) out("\n");
    conversation.leave();
    reader.close();
  };
  reader.on("SIGINT", interrupt);
  process.on("SIGINT", interrupt);
  let isLost = false;
  const stopTelling = client.onState(({ at }) => {
    const wasLost = isLost;
    if (at === "waiting") isLost = true;
    if (at === "ready") isLost = false;
    if (isLost === wasLost) return;
    context.err(context.errStyle.yellow(isLost ? "\nconnection lost, trying again …\n" : "connected again\n"));
    if (!isLost && isInteractive && !conversation.isRunning) reader.prompt(true);
  });
  try {
    for (;;) {
      if (isInteractive) reader.prompt();
      const line = await lines.next();
      if (line === undefined) {
        if (isInteractive) out("\n");
        return code;
      }
      const text = line.trim();
      if (text === "") continue;
      if (text === "/quit" || text === "/exit") return code;
      if (text === "/help") out(help);
      else if (text === "/new") out(style.dim(`${await conversation.reset()}\n`));
      else if (text.startsWith("/session "))
        out(style.dim(`${plainLine(await conversation.enter(text.slice(9).trim()))}\n`));
      else if (!(await conversation.say(line)) && conversation.hasLeft) return code;
    }
  } finally {
    stopTelling();
    process.off("SIGINT", interrupt);
    reader.close();
  }
}
