import type {
  AgentRuntime,
  Clock,
  CompactRequest,
  CompactResult,
  Log,
  Turn,
  TurnEvent,
} from "@openclaw-gateway/server";
import { createAgents, defaultTimeoutSeconds, type Agent } from "./agents.ts";
import type { AgentRuntimeConfig } from "./config.ts";
import { createDemoStepModel, demoModel } from "./demo/demo-model.ts";
import { createWorkspaceNotes } from "./prompt/workspace-notes.ts";
import { compact } from "./context/compact.ts";
import { estimateContext } from "./context/estimate.ts";
import { contextLimits } from "./context/limits.ts";
import { type Catalogue, createCatalogue } from "./providers/catalogue.ts";
import { createConnect } from "./providers/connect.ts";
import { createCredentialGates } from "./providers/credential-gate.ts";
import { isPriced, type Model, modelName, parseModelName } from "./providers/model.ts";
import { createCommands } from "./commands/commands.ts";
import { embed } from "./providers/embed.ts";
import { callTool } from "./tools/call-tool.ts";
import { createExecTool } from "./tools/exec.ts";
import { createProcessTool } from "./tools/process.ts";
import { builtInTools } from "./tools/registry.ts";
import { defaultRetryPolicy, type RetryPolicy } from "./turn/ask.ts";
import { runTurn } from "./turn/run-turn.ts";
import { defaultStallTimeouts, type StallTimeouts } from "./turn/watchdog.ts";

export type AgentRuntimeOptions = {
  config: AgentRuntimeConfig;
  /** Where keys of providers are looked for; the process environment is not read. */
  environment: Readonly<Record<string, string | undefined>>;
  stateDir: string;
  clock: Clock;
  log?: Pick<Log, "warn" | "error">;
  fetch?: typeof fetch;
  retry?: Partial<RetryPolicy>;
  timeouts?: Partial<StallTimeouts>;
  /** Model calls that one turn may make. */
  maxSteps?: number;
};

const noEmbeddings =
  "no embedding model is configured: set agents.defaults.memorySearch.model in openclaw.json (and memorySearch.provider, unless it is openai), or name one as provider/model";
const defaultMaxSteps = 50;
const defaultCommandSeconds = 1_800;

/** The default agent runtime. Construction reads no files and loads no provider library. */
export function createAgentRuntime(options: AgentRuntimeOptions): AgentRuntime {
  const { environment, stateDir, clock } = options;
  const warn = (fields: Record<string, unknown>, message: string) => options.log?.warn(fields, message);
  function read(config: AgentRuntimeConfig) {
    const catalogue = createCatalogue(config, environment, (message) => warn({}, message));
    const defaults = config.agents?.defaults;
    return {
      catalogue,
      agents: createAgents(config, catalogue, stateDir),
      timeoutSeconds: defaults?.timeoutSeconds ?? defaultTimeoutSeconds,
      thinkingDefault: defaults?.thinkingDefault,
      commandSeconds: config.tools?.exec?.timeoutSec ?? defaultCommandSeconds,
      context: { contextTokens: defaults?.contextTokens, compaction: defaults?.compaction },
      summaryModel: findSummaryModel(catalogue, defaults?.compaction?.model),
      // Anew with each configuration: it remembers models with the keys and addresses they had.
      connect: createConnect(options.fetch, createDemoStepModel(clock)),
    };
  }
  function findSummaryModel(catalogue: Catalogue, name: string | undefined): Model | undefined {
    const found = name === undefined ? undefined : catalogue.find(name);
    if (name !== undefined && !found)
      warn({ model: name }, `agents.defaults.compaction.model: ${catalogue.explainMissing(name)}`);
    return found;
  }
  let configured = read(options.config);
  const closing = new AbortController();
  const commands = createCommands({ stateDir, clock });
  const deps = {
    clock,
    gateOf: createCredentialGates(clock),
    retry: { ...defaultRetryPolicy, ...options.retry },
    timeouts: { ...defaultStallTimeouts, ...options.timeouts },
    random: Math.random,
    tools: [
      ...builtInTools,
      createExecTool({ commands, timeoutSeconds: () => configured.commandSeconds }),
      createProcessTool({ commands }),
    ],
    notesOf: createWorkspaceNotes(),
    maxSteps: options.maxSteps ?? defaultMaxSteps,
    warn,
  };

  /** The models of a turn: the session's choice first, then the agent's. Those that cannot be found are left out. */
  function modelsFor(
    { catalogue }: typeof configured,
    chosen: string | undefined,
    agent: Agent,
  ): { models: Model[]; missing: string[]; isFirstMissing: boolean } {
    if (!catalogue.hasProvider) return { models: [demoModel], missing: [], isFirstMissing: false };
    // Nobody asked for what merely is there to step in.
    const names = chosen === undefined ? agent.models : [chosen, ...(agent.areModelsChosen ? agent.models : [])];
    const found = names.map((name) => ({ name, model: catalogue.find(name) }));
    const models = new Map(found.flatMap(({ model }) => (model ? [[modelName(model.ref), model]] : [])));
    const missing = found.filter(({ model }) => !model).map(({ name }) => name);
    return { models: [...models.values()], missing, isFirstMissing: missing[0] === names[0] };
  }

  async function* run(turn: Turn, signal: AbortSignal): AsyncGenerator<TurnEvent, void> {
    // A turn ends with the configuration it began with.
    const now = configured;
    const { catalogue, agents, timeoutSeconds, thinkingDefault, context, summaryModel, connect } = now;
    const timeout = new AbortController();
    const cancelTimeout =
      timeoutSeconds > 0 && !turn.isTimed
        ? clock.at(clock.now() + timeoutSeconds * 1000, () => timeout.abort())
        : () => {};
    // Aborted too when the reader goes away in the middle.
    const abandoned = new AbortController();
    const stop = AbortSignal.any([signal, timeout.signal, closing.signal, abandoned.signal]);
    try {
      const agent = agents.get(turn.agentId);
      const { models: found, missing, isFirstMissing } = modelsFor(now, turn.model, agent);
      const models = turn.mustBePriced ? found.filter(isPriced) : found;
      for (const name of missing) warn({ model: name, agentId: agent.id }, catalogue.explainMissing(name));
      const [first] = models;
      const [lost] = missing;
      if (!first)
        return yield {
          type: "error",
          kind: "unknown",
          message:
            found.length > 0
              ? "the turn has a budget, and no model it may use has a known price"
              : lost === undefined
                ? "no model"
                : catalogue.explainMissing(lost),
        };
      if (lost !== undefined && isFirstMissing) {
        yield { type: "fallback", from: parseModelName(lost), to: first.ref, reason: catalogue.explainMissing(lost) };
      }
      const isTimedOut = () => timeout.signal.aborted && !signal.aborted;
      yield* runTurn(
        { ...deps, thinkingDefault, context, connect },
        {
          turn,
          agent,
          models,
          summaryModel: summaryModel && turn.mustBePriced && !isPriced(summaryModel) ? undefined : summaryModel,
          isTimedOut,
          timeoutSeconds,
        },
        stop,
      );
    } catch (error) {
      logFailure(turn.runId, error, "a turn failed unexpectedly");
      yield { type: "error", kind: "unknown", message: "the agent failed unexpectedly; the gateway's log says why" };
    } finally {
      cancelTimeout();
      abandoned.abort();
    }
  }

  async function compactSession(request: CompactRequest, signal: AbortSignal): Promise<CompactResult> {
    const now = configured;
    const { context, connect, summaryModel } = now;
    try {
      const { models } = modelsFor(now, request.model, now.agents.get(request.agentId));
      const allowed = (summaryModel ? [summaryModel, ...models] : models).filter(
        (model) => !request.mustBePriced || isPriced(model),
      );
      const [first] = models;
      if (!first || allowed.length === 0) return { kind: "failed", message: "no model that may be used" };
      const outcome = await compact(
        { ...deps, context, connect },
        {
          history: request.history,
          models: allowed,
          limits: contextLimits(first, context),
          tokensBefore: estimateContext(request.history, 0),
          instructions: request.instructions,
          signal: AbortSignal.any([signal, closing.signal]),
        },
      );
      if (outcome.kind === "done") return { kind: "done", ...outcome.compaction, usage: outcome.usage };
      return outcome.kind === "aborted" ? { kind: "failed", message: "it was stopped" } : outcome;
    } catch (error) {
      logFailure(request.sessionKey, error, "a compaction failed unexpectedly");
      return { kind: "failed", message: "the agent failed unexpectedly; the gateway's log says why" };
    }
  }

  function logFailure(subject: string, error: unknown, message: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.log?.error({ subject, error: text }, message);
  }

  return {
    run,
    compact: compactSession,
    models: () => configured.catalogue.choices,
    findModel: (name) => {
      const { catalogue } = configured;
      const ref = catalogue.findListed(name)?.ref;
      return catalogue.choices.some(({ provider, id }) => provider === ref?.provider && id === ref.id)
        ? ref
        : undefined;
    },
    modelsOf: (agentId, chosen) =>
      modelsFor(configured, chosen, configured.agents.get(agentId)).models.map((model) => ({
        model: model.ref,
        isPriced: isPriced(model),
      })),
    agents: () => configured.agents.descriptions,
    callTool: (call, signal) =>
      callTool(
        { tools: deps.tools, clock, warn },
        configured.agents.get(call.agentId),
        call,
        AbortSignal.any([signal, closing.signal]),
      ),
    embed: async (request, signal) => {
      const { catalogue, agents } = configured;
      const name = request.model ?? agents.get(request.agentId).embeddingModel;
      const model = name === undefined ? undefined : catalogue.find(name);
      if (!model)
        return { kind: "unavailable", message: name === undefined ? noEmbeddings : catalogue.explainMissing(name) };
      const { retry } = deps;
      return embed(
        { clock, retry, ...(options.fetch && { fetch: options.fetch }) },
        model,
        request,
        AbortSignal.any([signal, closing.signal]),
      );
    },
    toolNames: () => deps.tools.map(({ name }) => name),
    get defaultAgentId() {
      return configured.agents.defaultId;
    },
    reconfigure: (config) => void (configured = read(config)),
    close: async () => {
      closing.abort();
      await commands.close();
    },
  };
}
