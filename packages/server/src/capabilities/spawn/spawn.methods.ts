import { randomUUID } from "node:crypto";
import {
  canonicalSessionKey,
  derivedSessionKeys,
  GatewayError,
  mainSessionKey,
  methodGroups,
  type Params,
  parseSessionKey,
  type Result,
  type SessionKeyDefaults,
  sessionKindOf,
} from "@openclaw-gateway/protocol";
import { LabelInUseError } from "../../conversations/conversation-errors.ts";
import type { StoredSession } from "../../conversations/conversation-store.ts";
import type { Conversations } from "../../conversations/conversations.ts";
import { spawnDepthOf } from "../../conversations/session-row.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AnsweredOnce } from "../../rpc/answered-once.ts";
import { implement, type RequestContext } from "../../rpc/handler.ts";
import { idFrom } from "../../rpc/id-from.ts";
import { inOrder } from "../../rpc/in-order.ts";
import type { AgentDescription, AgentRuntime, ModelRef } from "../../runtime/agent-runtime.ts";
import type { SubagentSettings } from "../../settings.ts";
import type { SubagentStore } from "../../subagents/subagent-store.ts";
import type { Turns } from "../../turns/turns.ts";
import { type Budgets, budgetKeysOf, budgetSetting } from "../../usage/budgets.ts";
import { limitReached, mayGiveWorkTo } from "./spawn-limits.ts";
import { subagentPrompt } from "./subagent-prompt.ts";

type SpawnParams = NonNullable<Params<"sessions.spawn">>;
type Spawned = Result<"sessions.spawn">;

export function createSpawn(deps: {
  conversations: Conversations;
  subagents: SubagentStore;
  turns: Turns;
  runtime: AgentRuntime;
  clock: Clock;
  keys: () => SessionKeyDefaults;
  limits: () => SubagentSettings;
  budgets: Pick<Budgets, "open">;
  answeredOnce: AnsweredOnce;
}) {
  const { conversations, subagents, turns, runtime, clock, keys, budgets, answeredOnce } = deps;
  const oneByOne = inOrder();

  async function spawn(params: SpawnParams, ctx: RequestContext): Promise<Spawned> {
    const { task, label, timeout, cleanup = "keep" } = params;
    const limits = deps.limits();
    const parentKey =
      params.parentSessionKey === undefined
        ? mainSessionKey(keys().defaultAgentId, keys().mainKey)
        : canonicalSessionKey(params.parentSessionKey, keys());
    const parentAgentId = parseSessionKey(parentKey)?.agentId ?? keys().defaultAgentId;
    const parentAgent = agentCalled(parentAgentId);
    const agent = agentCalled(params.agentId ?? parentAgentId);
    if (!agent) {
      const unknown = params.agentId ?? parentAgentId;
      throw new GatewayError("INVALID_REQUEST", `invalid sessions.spawn params: unknown agent id "${unknown}"`);
    }
    const agentId = agent.id;
    const { childId, runId } = idsFor(params, ctx);
    const childKey = derivedSessionKeys.subagent(agentId, childId);
    const known = params.idempotencyKey === undefined ? undefined : await conversations.run(runId);
    if (known) return describe(childKey, parentKey, await conversations.session(childKey), runId);
    const parent = await conversations.session(parentKey);
    const parentDepth = spawnDepthOf(parentKey, parent);
    const refusal =
      refuseAgent(agentId, parentAgentId, parentAgent, ctx) ??
      limitReached({ limits, parentDepth, openChildren: await subagents.countOpen(parentKey) });
    if (refusal) throw refusal;

    const defaults = parentAgent?.subagents ?? {};
    const model = chooseModel(params.model, params.model ?? defaults.model);
    const thinking = params.thinking ?? defaults.thinking;
    const budgetKeys = budgetKeysOf(parent?.settings ?? {});
    if (params.budget !== undefined) {
      checkPriced(agentId, model);
      await budgets.open(childKey, params.budget);
      budgetKeys.push(childKey);
    }
    const now = clock.now();
    const seedOf = (key: string, owner: string) => ({
      agentId: owner,
      kind: sessionKindOf(key),
      sessionId: randomUUID(),
      now,
    });
    // The parent is there when it is told, even if nobody has spoken in it yet.
    if (!parent) await conversations.upsertSession(parentKey, seedOf(parentKey, parentAgentId), {}, "create");
    const settings = {
      spawnedBy: parentKey,
      parentSessionKey: parentKey,
      spawnDepth: parentDepth + 1,
      createdVia: ctx.principal.causedByAgent ? "agent" : "operator",
      ...(model && { modelOverride: model.id, providerOverride: model.provider }),
      ...(thinking !== undefined && { thinkingLevel: thinking }),
      ...(params.budget !== undefined && { budgetUsd: params.budget }),
      // What a sub-agent gives away is paid from its own budget too.
      ...budgetSetting(budgetKeys),
    };
    const session = await createChild(childKey, seedOf(childKey, agentId), settings, label);
    if (task === undefined) return describe(childKey, parentKey, session, undefined);
    const timeoutSeconds = timeout ?? limits.runTimeoutSeconds;
    await turns.accept({
      runId,
      sessionKey: childKey,
      agentId,
      principal: ctx.principal,
      input: {
        message: task,
        source: "subagent",
        subagent: { parentKey, cleanup },
        extraSystemPrompt: subagentPrompt(parentKey, session.label),
        ...(timeoutSeconds > 0 && { timeoutMs: Math.ceil(timeoutSeconds * 1000) }),
        ...(thinking !== undefined && { thinking }),
      },
      ...(ctx.connection && { connection: ctx.connection }),
    });
    return describe(childKey, parentKey, session, runId);
  }

  const describe = (
    childKey: string,
    parentKey: string,
    session: StoredSession | undefined,
    runId: string | undefined,
  ): Spawned => ({
    ok: true,
    status: runId === undefined ? "created" : "accepted",
    childSessionKey: childKey,
    sessionKey: childKey,
    parentSessionKey: parentKey,
    ...(session && { sessionId: session.sessionId }),
    ...(session?.label !== undefined && { label: session.label }),
    ...(runId !== undefined && { runId }),
  });

  const agentCalled = (name: string): AgentDescription | undefined =>
    runtime.agents().find(({ id }) => id.toLowerCase() === name.toLowerCase());

  function refuseAgent(
    agentId: string,
    parentAgentId: string,
    parentAgent: AgentDescription | undefined,
    { principal }: RequestContext,
  ): GatewayError | undefined {
    const isAllowed = mayGiveWorkTo(agentId, parentAgentId, parentAgent?.subagents?.allowAgents);
    if (!principal.causedByAgent || isAllowed) return undefined;
    return new GatewayError(
      "FORBIDDEN",
      `agent "${parentAgentId}" may not give work to "${agentId}"; agents.list[].subagents.allowAgents lists whom it may`,
      { details: { reason: "spawn-agent" } },
    );
  }

  /** What the call names must exist; what only the configuration names is left to the turn to complain about. */
  function chooseModel(asked: string | undefined, name: string | undefined): ModelRef | undefined {
    const model = name === undefined ? undefined : runtime.findModel(name);
    if (asked !== undefined && !model) throw new GatewayError("INVALID_REQUEST", `model not allowed: ${asked}`);
    return model;
  }

  /** A budget can only be kept where prices are known. */
  function checkPriced(agentId: string, model: ModelRef | undefined): void {
    const [first] = runtime.modelsOf(agentId, model && `${model.provider}/${model.id}`);
    if (first?.isPriced) return;
    const name = first ? `${first.model.provider}/${first.model.id}` : "the model";
    throw new GatewayError(
      "INVALID_REQUEST",
      `the budget cannot be kept: ${name} has no known price; set "cost" of the model under models.providers in openclaw.json, or leave the budget out`,
      { details: { reason: "unpriced-model", ...(first && { model: name }) } },
    );
  }

  /** A label that another session has is made the child's own: the same work may be given away twice. */
  async function createChild(
    key: string,
    seed: Parameters<Conversations["upsertSession"]>[1],
    settings: Record<string, unknown>,
    label: string | undefined,
  ): Promise<StoredSession> {
    const create = (own: string | undefined) =>
      conversations.upsertSession(key, seed, { settings, ...(own !== undefined && { label: own }) }, "create");
    try {
      return await create(label);
    } catch (error) {
      if (!(error instanceof LabelInUseError) || label === undefined) throw error;
      return create(`${label.slice(0, 58)} #${key.slice(-4)}`);
    }
  }

  const handle = (params: SpawnParams, ctx: RequestContext): Promise<Spawned> =>
    answeredOnce({ principal: ctx.principal, method: "sessions.spawn", key: params.idempotencyKey }, () =>
      // One after the other, so that the limits count what was started a moment ago.
      oneByOne(() => spawn(params, ctx)),
    );
  return implement(methodGroups.spawn, { "sessions.spawn": handle, sessions_spawn: handle });
}

/** The same for the same call, so that one that was cut off before its answer was kept starts nothing twice. */
function idsFor({ idempotencyKey }: SpawnParams, { principal }: RequestContext): { childId: string; runId: string } {
  if (idempotencyKey === undefined) return { childId: randomUUID(), runId: randomUUID() };
  const ofCall = (part: string) => idFrom("sessions.spawn", part, principal.id, idempotencyKey);
  return { childId: ofCall("session"), runId: ofCall("run") };
}
