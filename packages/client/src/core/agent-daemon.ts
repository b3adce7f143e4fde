import type { Payload, TurnReportInput } from "@openclaw-gateway/protocol";
import { GatewayError } from "@openclaw-gateway/protocol/wire";
import type { GatewayClient } from "./gateway-client.ts";

/** A turn as the gateway asks for it; the user's message is the last of `messages`. */
export type TurnRequest = Payload<"agent.turn.requested">;

/** What a daemon does with a turn. Each call waits until the gateway has kept up, so awaiting them is all the back-pressure needed. */
export interface DaemonTurn {
  readonly request: TurnRequest;
  /** Aborts when somebody stops the turn, another end was told, or the link is lost. */
  readonly signal: AbortSignal;
  /** Text of the answer, in pieces. */
  text(delta: string): Promise<void>;
  reasoning(delta: string): Promise<void>;
  toolStart(call: { toolCallId: string; name: string; args?: Record<string, unknown> }): Promise<void>;
  toolEnd(call: { toolCallId: string; name: string; text: string; isError?: boolean }): Promise<void>;
  /** Tokens of one model call, and its cost. */
  usage(usage: Omit<Extract<TurnReportInput, { type: "usage" }>, "type">): Promise<void>;
  /** Any other report. `end` and `error` are told when `onTurn` returns or throws. */
  report(event: TurnReportInput): Promise<void>;
}

/** What a daemon serves, and what it does when something happens. */
export type AgentDaemonOptions = {
  /** A client with the role `agent`. */
  client: GatewayClient;
  /** The agents to serve; the gateway's configuration must grant them. */
  agentIds: readonly string[];
  /** Runs one turn. Returning ends it, throwing ends it with an error. Several may run at once. */
  onTurn(turn: DaemonTurn): Promise<void>;
  /** The gateway took the agents (again, after a reconnect). */
  onServing?(agentIds: readonly string[]): void;
  /** Another daemon serves these agents now. */
  onReplaced?(agentIds: readonly string[]): void;
  /** The gateway does not let this daemon serve the agents, or a turn could not be told. */
  onError?(error: unknown): void;
};

/** A program that runs agents for a gateway. */
export interface AgentDaemon {
  /** Ends every turn with an error and serves nothing any more; the client stays as it is. */
  stop(): Promise<void>;
}

/** Events of one report; more wait for the next. */
const maxEvents = 200;
/** Events that may wait before `text()` and the others make their caller wait. */
const maxWaiting = 50;

/** Serves agents over a client, again after every reconnect. Call `client.connect()` as usual. */
export function createAgentDaemon(options: AgentDaemonOptions): AgentDaemon {
  const { client, agentIds, onError = () => {} } = options;
  const turns = new Map<string, { stop: AbortController; end(last: TurnReportInput): Promise<void> }>();
  let isStopped = false;

  function serve(): void {
    if (isStopped) return;
    client.request("agent.serve", { agentIds: [...agentIds] }).then(
      (served) => options.onServing?.(served.agentIds),
      (error: unknown) => onError(error),
    );
  }

  function abortAll(reason: string): void {
    for (const { stop } of turns.values()) stop.abort(reason);
  }

  async function take(request: TurnRequest): Promise<void> {
    const { runId } = request;
    const stop = new AbortController();
    const sender = createSender(client, runId, stop);
    let isEnded = false;
    const end = async (last: TurnReportInput): Promise<void> => {
      if (isEnded || stop.signal.aborted) return;
      isEnded = true;
      await sender.finish(last).catch(onError);
      turns.delete(runId);
      stop.abort("over");
    };
    turns.set(runId, { stop, end });
    stop.signal.addEventListener("abort", () => turns.delete(runId), { once: true });
    const turn: DaemonTurn = {
      request,
      signal: stop.signal,
      text: (delta) => sender.add({ type: "text", delta }),
      reasoning: (delta) => sender.add({ type: "reasoning", delta }),
      toolStart: (call) => sender.add({ type: "tool-start", ...call }),
      toolEnd: ({ text, ...call }) =>
        sender.add({ type: "tool-end", ...call, result: { content: [{ type: "text", text }] } }),
      usage: (usage) => sender.add({ type: "usage", ...usage }),
      report: (event) => sender.add(event),
    };
    await options.onTurn(turn).then(
      () => end({ type: "end" }),
      (error: unknown) => end({ type: "error", message: textOf(error) }),
    );
  }

  const endings = [
    client.on("agent.turn.requested", (request) => void take(request)),
    client.on("agent.turn.aborted", ({ runId, reason }) => turns.get(runId)?.stop.abort(reason)),
    client.on("agent.serve.ended", (ended) => options.onReplaced?.(ended.agentIds)),
    client.onState((state) => {
      if (state.at === "ready") serve();
      // The gateway has ended them with the link.
      else abortAll("link lost");
    }),
  ];
  if (client.state.at === "ready") serve();

  return {
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      for (const end of endings) end();
      if (client.state.at !== "ready") return abortAll("daemon stopped");
      await client.request("agent.serve", { agentIds: [] });
      const last = { type: "error", message: "the daemon stopped" } as const;
      await Promise.all([...turns.values()].map(({ end }) => end(last)));
    },
  };
}

/** Sends what is added in order, one report at a time. */
function createSender(client: GatewayClient, runId: string, turn: AbortController) {
  const waiting: TurnReportInput[] = [];
  let seq = 0;
  let sending: Promise<void> | undefined;
  let failure: unknown;

  async function send(): Promise<void> {
    while (waiting.length > 0 && !turn.signal.aborted) {
      const events = waiting.splice(0, maxEvents);
      const { state } = await client.request(
        "agent.turn.report",
        { runId, seq: seq++, events },
        { timeoutMs: Infinity },
      );
      if (state === "over") turn.abort("over");
    }
  }

  function start(): Promise<void> {
    sending ??= send()
      .catch((error: unknown) => {
        failure = error;
        turn.abort("over");
      })
      .finally(() => (sending = undefined));
    return sending;
  }

  return {
    add: async (event: TurnReportInput): Promise<void> => {
      if (turn.signal.aborted) return;
      waiting.push(event);
      const sent = start();
      if (waiting.length > maxWaiting) await sent;
    },
    /** Tells the rest and how the turn ended. */
    finish: async (last: TurnReportInput): Promise<void> => {
      waiting.push(last);
      await sending;
      await start();
      if (failure !== undefined) throw failure;
    },
  };
}

const textOf = (error: unknown): string =>
  (error instanceof GatewayError || error instanceof Error ? error.message : String(error)) || "the daemon failed";
