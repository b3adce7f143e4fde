import { createHash } from "node:crypto";
import { GatewayError, type Result } from "@openclaw-gateway/protocol";
import { type Approvals, decidedOf, decisionOf, emptySubject, pendingOf } from "../approvals.ts";
import { mockPath } from "../conversations.ts";
import type { MockHandlers } from "../handlers.ts";

/** What callers leave out is `null`. */
const orNull = <T>(value: T | null | undefined): T | null => value ?? null;

export function approvalMethods(approvals: Approvals) {
  const pending = () =>
    approvals
      .all()
      .filter(({ status }) => status === "pending")
      .map(pendingOf);

  function snapshot(): Result<"exec.approvals.get"> {
    const file = approvals.policy;
    const { security = "full", ask = "off", askFallback = "deny", autoAllowSkills = false } = file.defaults ?? {};
    const hash = createHash("sha256").update(JSON.stringify(file)).digest("hex");
    return {
      path: mockPath,
      exists: true,
      hash,
      file,
      resolvedDefaults: { security, ask, askFallback, autoAllowSkills },
    };
  }

  return {
    "exec.approvals.get": snapshot,
    "exec.approvals.set": ({ file, baseHash }) => {
      if (baseHash !== snapshot().hash) {
        throw new GatewayError(
          "INVALID_REQUEST",
          baseHash === undefined
            ? "exec approvals base hash required; re-run exec.approvals.get and retry"
            : "exec approvals changed since last load; re-run exec.approvals.get and retry",
        );
      }
      approvals.setPolicy(file);
      return snapshot();
    },
    "exec.approvals.list": () => ({ approvals: pending() }),
    "exec.approvals.resolve": ({ id, decision, approved }, { connection }) => {
      approvals.resolve(id, decision ?? (approved ? "allow-once" : "deny"), connection.name);
      return { ok: true };
    },
    "exec.approval.request": async ({ id, timeoutMs, twoPhase, env, ...asked }, { accept }) => {
      const { command, commandArgv, cwd, host, security, ask, agentId, resolvedPath, sessionKey, warningText } = asked;
      const entry = approvals.open(
        {
          ...emptySubject,
          command,
          cwd: orNull(cwd),
          host: orNull(host),
          security: orNull(security),
          ask: orNull(ask),
          agentId: orNull(agentId),
          resolvedPath: orNull(resolvedPath),
          sessionKey: orNull(sessionKey),
          ...(commandArgv === undefined ? {} : { commandArgv }),
          ...(env == null ? {} : { env }),
          ...(warningText == null ? {} : { warningText }),
        },
        timeoutMs,
        id,
      );
      const { createdAtMs, expiresAtMs } = entry;
      if (twoPhase) accept({ status: "accepted", id: entry.id, createdAtMs, expiresAtMs });
      await entry.decided;
      return decisionOf(entry);
    },
    "exec.approval.waitDecision": async ({ id }) => {
      const entry = approvals.find(id);
      if (entry === undefined) throw new GatewayError("INVALID_REQUEST", "approval expired or not found");
      await entry.decided;
      return decisionOf(entry);
    },
    "exec.approval.resolve": ({ id, decision }, { connection }) => {
      approvals.resolve(id, decision, connection.name);
      return { ok: true };
    },
    "exec.approval.get": ({ id }) => {
      const entry = approvals.find(id);
      if (entry === undefined) throw new GatewayError("INVALID_REQUEST", "approval expired or not found");
      return decidedOf(entry);
    },
    "exec.approval.list": pending,
    "approval.history": ({ limit = 100 }) => ({
      items: approvals
        .all()
        .filter(({ status }) => status !== "pending")
        .toReversed()
        .slice(0, limit)
        .map(decidedOf),
    }),
  } satisfies MockHandlers;
}
