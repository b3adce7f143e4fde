import { randomUUID } from "node:crypto";
import { isSubagentKey, type UserMessage, visibleText } from "@openclaw-gateway/protocol";
import type { StoredRun, StoredSession } from "../conversations/conversation-store.ts";
import type { Conversations } from "../conversations/conversations.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { subagentProvenance } from "../turns/transcript-notes.ts";
import type { Turns } from "../turns/turns.ts";
import { dayOf, type UsageStore } from "../usage/usage-store.ts";
import { reportText } from "./report.ts";
import type { SubagentStore, UnsettledSubagent } from "./subagent-store.ts";

/** After how long a report that could not be delivered is tried again. */
const retryMs = 2_000;
/** Messages at the end of a transcript among which the last answer is looked for. */
const lastMessages = 50;

/** The ends of sub-agents: each is told to its parent once, however the sub-agent and the gateway end. */
export interface Subagents {
  /** Tells what ended in the last life without being told. After the turns are recovered. */
  recover(): Promise<void>;
  /** Stops the sub-agents of a session, theirs too; their ends are noted in its transcript and start no turn. */
  stopChildren(parentKey: string, stopReason: string): Promise<void>;
  stop(): void;
}

export function createSubagents(deps: {
  store: SubagentStore;
  conversations: Conversations;
  turns: Turns;
  usage: UsageStore;
  clock: Clock;
  log: Log;
}): Subagents {
  const { store, conversations, turns, usage, clock, log } = deps;
  /** Whether another look is wanted when the one that is underway is over. */
  const settling = new Map<string, { again: boolean }>();
  const retries = new Map<string, Cancel>();
  let isStopped = false;

  const stopListening = turns.onEnd(({ sessionKey }) => {
    if (isSubagentKey(sessionKey)) void settleSession(sessionKey);
  });

  async function settleSession(childKey: string): Promise<void> {
    try {
      await Promise.all((await store.unsettled({ childKey })).map(settle));
    } catch (error) {
      retryLater(childKey, error);
    }
  }

  /** One report at a time is being delivered for one sub-agent. */
  async function settle(subagent: UnsettledSubagent): Promise<void> {
    const { runId, childKey } = subagent;
    const underway = settling.get(runId);
    if (underway) return void (underway.again = true);
    const now = { again: false };
    settling.set(runId, now);
    try {
      await deliver(subagent);
    } finally {
      settling.delete(runId);
    }
    if (now.again) await settleSession(childKey);
  }

  function retryLater(childKey: string, error: unknown): void {
    if (isStopped || retries.has(childKey)) return;
    log.warn({ childKey, err: error }, "the end of a sub-agent could not be reported; it is tried again");
    retries.set(
      childKey,
      clock.at(clock.now() + retryMs, () => {
        retries.delete(childKey);
        void settleSession(childKey);
      }),
    );
  }

  async function deliver(subagent: UnsettledSubagent): Promise<void> {
    const { runId, childKey, parentKey, cleanup } = subagent;
    const run = await conversations.run(runId);
    // Whoever comes later hears of it: the end of every run of this session leads here again.
    if (run && (run.state === "queued" || run.state === "running")) return;
    if (turns.isBusy(childKey)) return;
    const own = await store.unsettled({ parentKey: childKey });
    if (own.some(({ isReported }) => !isReported)) return;
    const parent = await conversations.session(parentKey);
    if (!subagent.isReported) {
      if (parent) await report(subagent, run, parent);
      else log.warn({ childKey, parentKey }, "the session that started a sub-agent is gone; nobody is told");
    }
    if (cleanup === "delete") await conversations.deleteSession(childKey, true);
    if (cleanup === "delete" || !parent) await store.settle(runId);
    // The parent may be a sub-agent that ended and waited for this one.
    if (isSubagentKey(parentKey) && !turns.isBusy(parentKey)) void settleSession(parentKey);
  }

  async function report(subagent: UnsettledSubagent, run: StoredRun | undefined, parent: StoredSession): Promise<void> {
    const { runId, childKey, parentKey, createdAt } = subagent;
    const child = await conversations.session(childKey);
    const sums = await usage.sums({ firstDay: dayOf(createdAt), lastDay: dayOf(clock.now()) }, childKey);
    const text = reportText({
      childKey,
      run,
      label: child?.label,
      answer: child ? await lastAnswer(child) : "",
      used: {
        tokens: sums.reduce((sum, { totalTokens }) => sum + totalTokens, 0),
        costUsd: sums.reduce((sum, { totalCost }) => sum + totalCost, 0),
      },
    });
    const reportId = `report:${runId}`;
    if (subagent.reportAs === "note") {
      const now = clock.now();
      const message: UserMessage = {
        role: "user",
        content: [{ type: "text", text }],
        timestamp: now,
        provenance: subagentProvenance(childKey),
      };
      const note = { id: randomUUID(), runId: reportId, message };
      await conversations.append(parentKey, parent.sessionId, [note], { now, reportOf: runId });
      return;
    }
    await turns.accept({
      runId: reportId,
      sessionKey: parentKey,
      input: {
        message: text,
        source: "report",
        reportOf: { runId, childKey },
        // Ends that come while the parent is busy are told together.
        queueMode: "collect",
        ...(run?.input.causedBy && { causedBy: run.input.causedBy }),
      },
    });
  }

  async function lastAnswer({ sessionId }: StoredSession): Promise<string> {
    const messages = await conversations.history(sessionId, { limit: lastMessages });
    const answers = messages.flatMap(({ message }) => (message.role === "assistant" ? [visibleText(message)] : []));
    return answers.findLast((text) => text.trim() !== "") ?? "";
  }

  async function stopChildren(parentKey: string, stopReason: string): Promise<void> {
    const children = await store.unsettled({ parentKey });
    if (children.length === 0) return;
    await store.quieten(parentKey);
    await Promise.all(
      children.map(async ({ childKey }) => {
        await turns.abort({ sessionKey: childKey, stopReason });
        await stopChildren(childKey, stopReason);
      }),
    );
  }

  return {
    recover: async () => {
      for (const subagent of await store.unsettled()) {
        await settle(subagent).catch((error: unknown) => retryLater(subagent.childKey, error));
      }
    },
    stopChildren,
    stop: () => {
      isStopped = true;
      stopListening();
      for (const cancel of retries.values()) cancel();
    },
  };
}
