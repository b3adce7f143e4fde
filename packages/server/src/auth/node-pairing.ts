import { randomBytes } from "node:crypto";
import {
  GatewayError,
  hasScope,
  missingScope,
  type NodeRequest,
  type PairedNode,
  type Payload,
} from "@openclaw-gateway/protocol";
import type { Audit } from "../audit/audit.ts";
import type { AuditBy } from "../audit/audit-entry.ts";
import type { Clock } from "../platform/clock.ts";
import { createLastingId } from "../platform/lasting-id.ts";
import type { Log } from "../platform/log.ts";
import { mayManageDevice, type Principal } from "../rpc/principal.ts";
import { hashToken, matchesHash } from "./device-tokens.ts";
import { createInTurn } from "../platform/in-turn.ts";
import { cleanName } from "./names.ts";
import { scopesToApprove } from "./node-commands.ts";
import type { ApprovedNode, NodePairingStore, NodeSurface, PendingNode } from "./node-pairing.store.ts";
import { refusals } from "./refusals.ts";

const requestLifetimeMs = 300_000;
const maxRequests = 200;

export type NodePairingDeps = {
  store: NodePairingStore;
  clock: Clock;
  log: Log;
  audit: Pick<Audit, "record">;
  requested: (payload: Payload<"node.pair.requested">) => void;
  resolved: (payload: Payload<"node.pair.resolved">) => void;
};

/** Which machines were allowed to offer which commands. Commands become callable by an approval only, never by pairing a device. */
export function createNodePairing({ store, clock, log, audit, requested, resolved }: NodePairingDeps) {
  const inTurn = createInTurn();
  const change = <T>(work: () => Promise<T>): Promise<T> => inTurn("change", work);

  async function waitingFor(caller: Principal, requestId: string): Promise<PendingNode> {
    const waiting = await store.requests(clock.now());
    const request = waiting.find((other) => other.requestId === requestId);
    if (!request || !mayManageDevice(caller, request.nodeId)) {
      throw new GatewayError("INVALID_REQUEST", "unknown requestId");
    }
    return request;
  }

  async function approvedFor(caller: Principal, nodeId: string): Promise<ApprovedNode> {
    const node = mayManageDevice(caller, nodeId) ? await store.node(nodeId) : undefined;
    if (!node) throw new GatewayError("INVALID_REQUEST", "unknown nodeId");
    return node;
  }

  return {
    /** One request waits per node; a repeated one changes nothing. */
    request: (by: AuditBy, nodeId: string, surface: NodeSurface, silent: boolean | null) =>
      change(async () => {
        const now = clock.now();
        const waiting = await store.requests(now);
        const own = waiting.find((other) => other.nodeId === nodeId);
        if (own) return { request: toRequest(own), created: false };
        if (waiting.length >= maxRequests) throw refusals.tooManyRequests();
        const request: PendingNode = {
          requestId: createLastingId(),
          nodeId,
          surface: cleanSurface(surface),
          silent,
          isRepair: (await store.node(nodeId)) !== undefined,
          createdAt: now,
          expiresAt: now + requestLifetimeMs,
        };
        await store.addRequest(request);
        log.info({ nodeId, requestId: request.requestId }, "a node waits for approval");
        await audit.record({
          action: "node.pairing.requested",
          by,
          subject: nodeId,
          detail: commandsOf(request.surface),
        });
        requested(toRequest(request));
        return { request: toRequest(request), created: true };
      }),

    list: async (caller: Principal): Promise<{ pending: NodeRequest[]; paired: PairedNode[] }> => {
      const [pending, paired] = await Promise.all([store.requests(clock.now()), store.nodes()]);
      const isTheirs = ({ nodeId }: { nodeId: string }): boolean => mayManageDevice(caller, nodeId);
      return { pending: pending.filter(isTheirs).map(toRequest), paired: paired.filter(isTheirs).map(toPaired) };
    },

    approve: (caller: Principal, requestId: string): Promise<PairedNode> =>
      change(async () => {
        const { nodeId, surface } = await waitingFor(caller, requestId);
        const lacking = scopesToApprove(surface.commands ?? []).find((scope) => !hasScope(caller.scopes, scope));
        if (lacking !== undefined) throw missingScope(lacking);
        const now = clock.now();
        const token = randomBytes(24).toString("base64url");
        const known = await store.node(nodeId);
        const node = {
          nodeId,
          surface,
          tokenHash: hashToken(token),
          createdAt: known?.createdAt ?? now,
          approvedAt: now,
        };
        await store.approve(node);
        log.info({ nodeId, commands: surface.commands ?? [], by: caller.id }, "a node was approved");
        await audit.record({
          action: "node.pairing.approved",
          by: { principal: caller },
          subject: nodeId,
          detail: commandsOf(surface),
        });
        resolved({ requestId, nodeId, decision: "approved", ts: now });
        return { ...toPaired(node), token };
      }),

    reject: (caller: Principal, requestId: string): Promise<string> =>
      change(async () => {
        const { nodeId } = await waitingFor(caller, requestId);
        await store.removeRequest(requestId);
        log.info({ nodeId, by: caller.id }, "a node was refused");
        await audit.record({ action: "node.pairing.rejected", by: { principal: caller }, subject: nodeId });
        resolved({ requestId, nodeId, decision: "rejected", ts: clock.now() });
        return nodeId;
      }),

    remove: (caller: Principal, nodeId: string): Promise<void> =>
      change(async () => {
        await approvedFor(caller, nodeId);
        await store.remove(nodeId);
        log.info({ nodeId, by: caller.id }, "a node was removed");
        await audit.record({ action: "node.removed", by: { principal: caller }, subject: nodeId });
      }),

    rename: (caller: Principal, nodeId: string, displayName: string): Promise<string> =>
      change(async () => {
        const name = cleanName(displayName);
        if (name === "") throw new GatewayError("INVALID_REQUEST", "displayName required");
        const node = await approvedFor(caller, nodeId);
        await store.save({ ...node, surface: { ...node.surface, displayName: name } });
        await audit.record({
          action: "node.renamed",
          by: { principal: caller },
          subject: nodeId,
          detail: { displayName: name },
        });
        return name;
      }),

    /** The node whose token this is. */
    verify: async (nodeId: string, token: string): Promise<PairedNode | undefined> => {
      const node = await store.node(nodeId);
      return node && matchesHash(token, node.tokenHash) ? { ...toPaired(node), token } : undefined;
    },
  };
}
export type NodePairing = ReturnType<typeof createNodePairing>;

const commandsOf = ({ commands = [] }: NodeSurface): { commands: readonly string[] } => ({ commands });

function cleanSurface({ displayName, ...surface }: NodeSurface): NodeSurface {
  const name = cleanName(displayName ?? "");
  return { ...(name !== "" && { displayName: name }), ...surface };
}

const toRequest = (request: PendingNode): NodeRequest => ({
  requestId: request.requestId,
  nodeId: request.nodeId,
  ...request.surface,
  ...(request.silent !== null && { silent: request.silent }),
  isRepair: request.isRepair,
  requiredApproveScopes: [...scopesToApprove(request.surface.commands ?? [])],
  ts: request.createdAt,
});

const toPaired = (node: ApprovedNode): PairedNode => ({
  nodeId: node.nodeId,
  ...node.surface,
  createdAtMs: node.createdAt,
  approvedAtMs: node.approvedAt,
});
