import { z } from "zod";
import type { EventGroup, MethodGroup } from "../define.ts";

const text = z.string().min(1);
const pairing = { role: "operator", scope: "operator.pairing" } as const;
const requestId = z.strictObject({ requestId: text });

/** What a node says about itself. */
const surface = {
  displayName: text.optional(),
  platform: text.optional(),
  version: text.optional(),
  coreVersion: text.optional(),
  uiVersion: text.optional(),
  deviceFamily: text.optional(),
  modelIdentifier: text.optional(),
  caps: z.array(text).optional(),
  commands: z.array(text).optional(),
  remoteIp: text.optional(),
};

export const NodeRequest = z.looseObject({
  requestId: z.string(),
  nodeId: z.string(),
  ...surface,
  silent: z.boolean().optional(),
  /** Whether the node is paired already. */
  isRepair: z.boolean(),
  /** What an approver needs, because of the commands. */
  requiredApproveScopes: z.array(z.string()),
  ts: z.int(),
});
export type NodeRequest = z.output<typeof NodeRequest>;

export const PairedNode = z.looseObject({
  nodeId: z.string(),
  /** Only in the answer to `node.pair.approve`: afterwards nobody knows it but the node. */
  token: z.string().optional(),
  ...surface,
  createdAtMs: z.int(),
  approvedAtMs: z.int(),
});
export type PairedNode = z.output<typeof PairedNode>;

/** Which machines may offer which commands. */
export const nodePairingMethods = {
  "node.pair.request": {
    description: "Asks that a node be let in with its commands. One request per node waits; a second call returns it.",
    since: 1,
    until: 3,
    ...pairing,
    params: z.strictObject({ nodeId: text, ...surface, silent: z.boolean().optional() }),
    result: z.object({ status: z.literal("pending"), request: NodeRequest, created: z.boolean() }),
  },
  "node.pair.list": {
    description: "Nodes that wait for approval, newest first, and approved nodes.",
    since: 3,
    ...pairing,
    params: z.strictObject({}),
    result: z.object({ pending: z.array(NodeRequest), paired: z.array(PairedNode) }),
  },
  "node.pair.approve": {
    description: "Lets a node in with the commands it asked for. Commands that run programs need admin.",
    since: 1,
    ...pairing,
    params: requestId,
    result: z.object({ requestId: z.string(), node: PairedNode }),
  },
  "node.pair.reject": {
    description: "Refuses a waiting node.",
    since: 1,
    ...pairing,
    params: requestId,
    result: z.object({ requestId: z.string(), nodeId: z.string() }),
  },
  "node.pair.remove": {
    description: "Forgets an approved node.",
    since: 4,
    ...pairing,
    params: z.strictObject({ nodeId: text }),
    result: z.object({ nodeId: z.string() }),
  },
  "node.pair.verify": {
    description: "Whether a token is the one an approved node was given.",
    since: 1,
    until: 3,
    ...pairing,
    params: z.strictObject({ nodeId: text, token: text }),
    result: z.object({ ok: z.boolean(), node: PairedNode.optional() }),
  },
  "node.rename": {
    description: "Gives an approved node a name of the operator's choice.",
    since: 3,
    ...pairing,
    params: z.strictObject({ nodeId: text, displayName: text }),
    result: z.object({ nodeId: z.string(), displayName: z.string() }),
  },
} satisfies MethodGroup;

export const nodePairingEvents = {
  "node.pair.requested": {
    description: "A node waits for approval.",
    since: 3,
    scope: "operator.pairing",
    payload: NodeRequest,
  },
  "node.pair.resolved": {
    description: "A node was let in or refused.",
    since: 3,
    scope: "operator.pairing",
    payload: z.looseObject({
      requestId: z.string(),
      nodeId: z.string(),
      decision: z.enum(["approved", "rejected"]),
      ts: z.int(),
    }),
  },
} satisfies EventGroup;
