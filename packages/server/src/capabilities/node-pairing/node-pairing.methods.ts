import { methodGroups } from "@openclaw-gateway/protocol";
import type { NodePairing } from "../../auth/node-pairing.ts";
import { implement } from "../../rpc/handler.ts";

export function createNodePairingMethods({ nodes }: { nodes: NodePairing }) {
  return implement(methodGroups.nodePairing, {
    "node.pair.request": async ({ nodeId, silent, ...surface }, ctx) => ({
      status: "pending",
      ...(await nodes.request(ctx, nodeId, surface, silent ?? null)),
    }),
    "node.pair.list": (_params, { principal }) => nodes.list(principal),
    "node.pair.approve": async ({ requestId }, { principal }) => ({
      requestId,
      node: await nodes.approve(principal, requestId),
    }),
    "node.pair.reject": async ({ requestId }, { principal }) => ({
      requestId,
      nodeId: await nodes.reject(principal, requestId),
    }),
    "node.pair.remove": async ({ nodeId }, { principal }) => {
      await nodes.remove(principal, nodeId);
      return { nodeId };
    },
    "node.pair.verify": async ({ nodeId, token }) => {
      const node = await nodes.verify(nodeId, token);
      return node ? { ok: true, node } : { ok: false };
    },
    "node.rename": async ({ nodeId, displayName }, { principal }) => ({
      nodeId,
      displayName: await nodes.rename(principal, nodeId, displayName),
    }),
  });
}
