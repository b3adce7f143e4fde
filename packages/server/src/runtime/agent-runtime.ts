import type {
  CallerCall,
  CallerTool,
  CallerToolChoice,
  ChatAttachment,
  CompactionMessage,
  JsonFormat,
  ModelChoice,
  Params,
  Result,
  Sampling,
  StopReason,
  TranscriptMessage,
  Usage,
  UserMessage,
} from "@openclaw-gateway/protocol";
import type { ExecPort } from "./exec-port.ts";
import type { GatewayConfig } from "../config/schema.ts";

/** `provider` and `id` of a model; written `provider/id` in configuration and on the wire. */
export type ModelRef = { provider: string; id: string };

/** One turn of an agent. What the turn is asked stands last in `history`: a message of a user, or results of caller's tools. */
export type Turn = {
  runId: string;
  sessionKey: string;
  sessionId: string;
  agentId: string;
  /** Oldest first. A compaction, if there is one, comes first and stands for everything before the rest. */
  history: readonly TranscriptMessage[];
  /** Images and files of the last user message that are not part of the stored history. */
  attachments: readonly ChatAttachment[];
  /** `provider/id` chosen for the session; the agent's own choice when absent. */
  model?: string;
  thinking?: string;
  /** Only models whose price is known may be asked: the turn has a budget. */
  mustBePriced?: true;
  extraSystemPrompt?: string;
  /** Names of the tools that the principal of this turn may cause; the runtime offers no others. */
  allowedTools: readonly string[] | "all";
  /** Functions that the caller of the turn runs itself: the turn ends when the model calls one. */
  callerTools?: CallerTools;
  sampling?: Sampling;
  /** The answer is JSON. */
  format?: JsonFormat;
  /** The way of its tools to the gateway; a turn in nobody's name has none. */
  gateway?: TurnGateway;
  /** The gateway stops the turn at its time limit; the runtime's general one does not hold. */
  isTimed?: true;
  /** What people said since the turn began; asked before each further model call. A runtime may ignore it. */
  steering?: SteeringSource;
  /** The way to commands of this machine; a turn without it offers none. */
  exec?: ExecPort;
};

export type CallerTools = {
  tools: readonly CallerTool[];
  /** `none` never comes here: a turn that may call no tool is given none. */
  choice: Exclude<CallerToolChoice, "none">;
  /** False: the model is to call one at a time. */
  parallel?: boolean;
};

/** Methods that a tool of an agent may need. */
export type AgentMethod = "sessions.spawn" | "sessions.list" | "chat.history" | "chat.send" | "agent.wait";

/** What tools of one turn may ask of the gateway: as requests of whoever caused the turn, and never more. */
export interface TurnGateway {
  /** What this turn may call; tools that need something else are not offered to the model. */
  readonly methods: ReadonlySet<AgentMethod>;
  /** Rejects with `GatewayError`, and always when the turn is over. */
  call<M extends AgentMethod>(method: M, params: Params<M>): Promise<Result<M>>;
}

/** Messages for a turn that runs already. What is taken is in the transcript and belongs to this turn. */
export interface SteeringSource {
  take(): Promise<readonly UserMessage[]>;
}

/** Why a turn failed, in the words of protocol 4. */
export type TurnErrorKind = "refusal" | "timeout" | "rate_limit" | "context_length" | "unknown";

export type ToolResultContent = { content: { type: "text"; text: string }[]; details?: unknown };

/**
 * What a turn does, in order. `message` is a finished transcript entry (assistant or tool result) and is committed as it
 * comes; the text deltas before it are its preview. The last event is always `end` or `error`.
 */
export type TurnEvent =
  | { type: "model"; model: ModelRef }
  | { type: "text"; delta: string }
  | { type: "reasoning"; delta: string }
  | { type: "tool-start"; toolCallId: string; name: string; args: Record<string, unknown> }
  | { type: "tool-update"; toolCallId: string; name: string; partialResult: ToolResultContent }
  /** `meta` says in a few words what the call was about, for people who watch. */
  | {
      type: "tool-end";
      toolCallId: string;
      name: string;
      meta?: string;
      isError: boolean;
      result: ToolResultContent;
    }
  | { type: "message"; message: TranscriptMessage }
  /** What one model call used. */
  | ({ type: "usage"; contextTokens?: number } & CallUsage)
  /** The same model is asked again after `delayMs`. Text of the failed attempt is void. */
  | { type: "retry"; attempt: number; delayMs: number; reason: string }
  /** Another model takes over. Text of the failed attempt is void. */
  | { type: "fallback"; from: ModelRef; to: ModelRef; reason: string }
  /** The context comes near its limit, or the provider says that it is over it: the beginning is being summed up. */
  | { type: "compaction-start"; reason: CompactionReason }
  /** The summary is committed as it comes, and the turn goes on with it. Without `done` everything is as it was. */
  | { type: "compaction-end"; done?: Compaction; willRetry: boolean; problem?: string }
  | { type: "end"; stopReason: Exclude<StopReason, "error" | "interrupted"> }
  /** The model has called tools of the caller. The calls are in the transcript and their results come with a later turn. */
  | { type: "end"; stopReason: "tool_calls"; calls: readonly CallerCall[] }
  | { type: "error"; kind: TurnErrorKind; message: string; model?: ModelRef; httpStatus?: number };

/** What one model call cost; 0 when no price is known, which `isUnpriced` says. */
export type CallUsage = { usage: Usage; model: ModelRef; isUnpriced?: true };

/** Why a context is summed up: it is nearly full, or a provider has refused it. */
export type CompactionReason = "threshold" | "overflow";

/** A summary in place of the beginning of a history. */
export type Compaction = {
  message: CompactionMessage;
  /** The message from which on everything stays; one of those the turn was given or has told. */
  firstKept: TranscriptMessage;
};

/** A session to be summed up although it is not full. */
export type CompactRequest = Pick<
  Turn,
  "sessionKey" | "sessionId" | "agentId" | "history" | "model" | "mustBePriced"
> & {
  instructions?: string;
};

export type CompactResult =
  | ({ kind: "done"; usage: readonly CallUsage[] } & Compaction)
  | { kind: "nothing" }
  | { kind: "failed"; message: string };

/** One call of a tool without a turn, as one in the same name could make it. */
export type ToolCall = Pick<Turn, "agentId" | "sessionKey" | "allowedTools" | "gateway"> & {
  name: string;
  args: Record<string, unknown>;
  /** Becomes the argument of that name where the tool has one. */
  action?: string;
  /** Nothing is done; only whether it could be is told. */
  isRehearsal?: true;
};

export type ToolCallOutcome =
  | { kind: "unavailable" }
  | { kind: "failed"; message: string }
  | { kind: "done"; result: ToolResultContent };

/** Texts to be made into vectors; `model` is `provider/id`, the agent's own choice when absent. */
export type EmbedRequest = { agentId: string; model?: string; values: readonly string[]; dimensions?: number };

export type EmbedResult =
  | { kind: "done"; vectors: number[][]; tokens: number; model: ModelRef }
  /** Nothing is configured that could do it; the message names the setting. */
  | { kind: "unavailable"; message: string }
  | { kind: "failed"; message: string; errorKind: TurnErrorKind };

export type AgentDescription = {
  id: string;
  name?: string;
  identity?: { name?: string; theme?: string; emoji?: string; avatar?: string };
  workspace: string;
  /** `provider/id` */
  primaryModel: string;
  fallbackModels: readonly string[];
  /** Tokens of the primary model's context. */
  contextTokens: number;
  /** What its sub-agents have when a call names nothing else. */
  subagents?: { model?: string; thinking?: string; allowAgents?: readonly string[] };
  /** Set for an agent that a program of its own runs, which connects to the gateway for it. */
  daemon?: {
    /** Only these devices may serve it; any daemon that got through the handshake when absent. */
    devices?: readonly string[];
    /** What a turn may take; 0 is any time. */
    timeoutSeconds: number;
    /** Whether a daemon serves it now; told by the gateway. */
    isOnline?: boolean;
  };
};

/** What runs turns. The gateway knows nothing about providers, prompts or tools beyond this. */
export interface AgentRuntime {
  /** Never throws: failures are the `error` event. Stops within a second after `signal` aborts, ending with `end`/`aborted`. */
  run(turn: Turn, signal: AbortSignal): AsyncIterable<TurnEvent>;
  /** Sums up the beginning of a history. Never throws. */
  compact(request: CompactRequest, signal: AbortSignal): Promise<CompactResult>;
  /** Calls one tool. Never throws. */
  callTool(call: ToolCall, signal: AbortSignal): Promise<ToolCallOutcome>;
  /** Makes texts into vectors. Never throws. */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<EmbedResult>;
  /** Every model a session may choose. */
  models(): readonly ModelChoice[];
  /** The model that a name means (`provider/id`, an alias, or an id that only one provider has), if it may be chosen. */
  findModel(name: string): ModelRef | undefined;
  /** The models that a turn of an agent uses, the first choice first; `chosen` is the session's own choice. */
  modelsOf(agentId: string, chosen?: string): readonly { model: ModelRef; isPriced: boolean }[];
  agents(): readonly AgentDescription[];
  /** Names that no tool of a caller may have; undefined for an agent whose turns take no tools of callers. */
  toolNames(agentId: string): readonly string[] | undefined;
  readonly defaultAgentId: string;
  /** From now on the runtime is what this configuration says; turns that run end with the old one. `models()` and `agents()` return new objects. */
  reconfigure(config: GatewayConfig): void;
  /** Tears down what the runtime holds (sockets, child processes). */
  close(): Promise<void>;
}
