import { randomUUID } from "node:crypto";
import { GatewayError, type Result } from "@openclaw-gateway/protocol";
import type { Conversations } from "../../conversations/conversations.ts";
import { modelContext } from "../../conversations/model-context.ts";
import { chosenModel } from "../../conversations/session-row.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";
import { budgetKeysOf } from "../../usage/budgets.ts";
import { createUsageAccount } from "../../usage/usage-account.ts";

type Deps = { conversations: Conversations; runtime: AgentRuntime; clock: Clock };
type Compacted = Result<"sessions.compact">;

/** Has the model sum up the beginning of a session, as a person asked. Either all of it is written or nothing. */
export async function compactBySummary(
  { conversations, runtime, clock }: Deps,
  key: string,
  instructions: string | undefined,
  signal: AbortSignal,
): Promise<Compacted> {
  const session = await conversations.session(key);
  if (!session) return { ok: true, key, compacted: false, reason: "no sessionId" };
  if (session.messageCount === 0) return { ok: true, key, compacted: false, reason: "no transcript" };
  const { sessionId, agentId, totalTokens } = session;
  const history = await modelContext(conversations, session);
  const model = chosenModel(session);
  const budgets = budgetKeysOf(session.settings);
  const result = await runtime.compact(
    {
      sessionKey: key,
      sessionId,
      agentId,
      history: history.map(({ message }) => message),
      ...(model !== undefined && { model }),
      ...(budgets.length > 0 && { mustBePriced: true as const }),
      ...(instructions !== undefined && instructions.trim() !== "" && { instructions }),
    },
    signal,
  );
  if (result.kind === "nothing")
    return { ok: true, key, compacted: false, reason: "nothing to compact", kept: history.length };
  if (result.kind === "failed") {
    const message = `the session could not be compacted: ${result.message}; nothing in it has changed`;
    throw new GatewayError("UNAVAILABLE", message, { retryable: true, details: { reason: "compaction-failed" } });
  }
  const { message, firstKept } = result;
  const place = history.findIndex((stored) => stored.message === firstKept);
  const account = createUsageAccount({ agentId, sessionKey: key, sessionId }, { budgets, isTurn: false });
  for (const each of result.usage) account.call(each.model, each.usage, message.timestamp, each.isUnpriced);
  const { summary, tokensBefore, tokensAfter } = message;
  const written = await conversations.summarise(
    key,
    sessionId,
    { before: [], mark: { id: randomUUID(), message }, firstKeptId: history[place]?.id ?? "" },
    {
      now: clock.now(),
      totalTokens: Math.min(totalTokens ?? tokensAfter, tokensAfter),
      usage: { deltas: account.drain() },
    },
  );
  // Reset or deleted under it.
  if (!written) return { ok: true, key, compacted: false, reason: "no transcript" };
  return {
    ok: true,
    key,
    compacted: true,
    kept: history.length - place,
    result: { summary, tokensBefore, tokensAfter },
  };
}
