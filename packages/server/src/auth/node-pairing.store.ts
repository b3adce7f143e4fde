import type { Database } from "../store/database.ts";
import { createQuery } from "../store/query.ts";

/** What a node says about itself; the names are cleaned. */
export type NodeSurface = {
  displayName?: string | undefined;
  platform?: string | undefined;
  version?: string | undefined;
  coreVersion?: string | undefined;
  uiVersion?: string | undefined;
  deviceFamily?: string | undefined;
  modelIdentifier?: string | undefined;
  caps?: string[] | undefined;
  commands?: string[] | undefined;
  remoteIp?: string | undefined;
};
/** Times are milliseconds since the epoch. */
export type PendingNode = {
  requestId: string;
  nodeId: string;
  surface: NodeSurface;
  silent: boolean | null;
  isRepair: boolean;
  createdAt: number;
  expiresAt: number;
};
export type ApprovedNode = {
  nodeId: string;
  surface: NodeSurface;
  tokenHash: string;
  createdAt: number;
  approvedAt: number;
};

/** Nodes that wait and nodes that were approved. Requests whose time has passed are never returned. */
export interface NodePairingStore {
  node(nodeId: string): Promise<ApprovedNode | undefined>;
  /** The last approved first. */
  nodes(): Promise<ApprovedNode[]>;
  /** Writes the node and takes away its request, both or neither. */
  approve(node: ApprovedNode): Promise<void>;
  save(node: ApprovedNode): Promise<void>;
  remove(nodeId: string): Promise<void>;
  /** The last made first. */
  requests(now: number): Promise<PendingNode[]>;
  addRequest(request: PendingNode): Promise<void>;
  removeRequest(requestId: string): Promise<void>;
}

type NodeRow = { node_id: string; surface: string; token_hash: string; created_at: number; approved_at: number };
type RequestRow = {
  request_id: string;
  node_id: string;
  surface: string;
  silent: number | null;
  is_repair: number;
  created_at: number;
  expires_at: number;
};

const maxListed = 1_000;
const query = createQuery<{ paired_nodes: NodeRow; node_requests: RequestRow }>();

function putNode(node: ApprovedNode) {
  const { node_id, ...rest } = toRow(node);
  return query
    .insertInto("paired_nodes")
    .values({ node_id, ...rest })
    .onConflict((conflict) => conflict.column("node_id").doUpdateSet(rest))
    .compile();
}

export function createNodePairingStore(db: Database): NodePairingStore {
  return {
    node: async (nodeId) => {
      const statement = query.selectFrom("paired_nodes").selectAll().where("node_id", "=", nodeId).compile();
      const [row] = await db.read<NodeRow>(statement);
      return row && toNode(row);
    },
    nodes: async () => {
      const newest = query.selectFrom("paired_nodes").selectAll().orderBy("approved_at", "desc").limit(maxListed);
      return (await db.read<NodeRow>(newest.compile())).map(toNode);
    },
    approve: async (node) =>
      void (await db.write([
        putNode(node),
        query.deleteFrom("node_requests").where("node_id", "=", node.nodeId).compile(),
      ])),
    save: async (node) => void (await db.write([putNode(node)])),
    remove: async (nodeId) =>
      void (await db.write([
        query.deleteFrom("paired_nodes").where("node_id", "=", nodeId).compile(),
        query.deleteFrom("node_requests").where("node_id", "=", nodeId).compile(),
      ])),
    requests: async (now) => {
      const waiting = query.selectFrom("node_requests").selectAll().where("expires_at", ">", now);
      return (await db.read<RequestRow>(waiting.orderBy("created_at", "desc").compile())).map(toRequest);
    },
    addRequest: async (request) =>
      void (await db.write([
        query.deleteFrom("node_requests").where("expires_at", "<=", request.createdAt).compile(),
        query.insertInto("node_requests").values(toRequestRow(request)).compile(),
      ])),
    removeRequest: async (requestId) =>
      void (await db.write([query.deleteFrom("node_requests").where("request_id", "=", requestId).compile()])),
  };
}

const toRow = (node: ApprovedNode): NodeRow => ({
  node_id: node.nodeId,
  surface: JSON.stringify(node.surface),
  token_hash: node.tokenHash,
  created_at: node.createdAt,
  approved_at: node.approvedAt,
});
const toNode = (row: NodeRow): ApprovedNode => ({
  nodeId: row.node_id,
  surface: JSON.parse(row.surface) as NodeSurface,
  tokenHash: row.token_hash,
  createdAt: row.created_at,
  approvedAt: row.approved_at,
});
const toRequestRow = (request: PendingNode): RequestRow => ({
  request_id: request.requestId,
  node_id: request.nodeId,
  surface: JSON.stringify(request.surface),
  silent: request.silent === null ? null : Number(request.silent),
  is_repair: Number(request.isRepair),
  created_at: request.createdAt,
  expires_at: request.expiresAt,
});
const toRequest = (row: RequestRow): PendingNode => ({
  requestId: row.request_id,
  nodeId: row.node_id,
  surface: JSON.parse(row.surface) as NodeSurface,
  silent: row.silent === null ? null : row.silent === 1,
  isRepair: row.is_repair === 1,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
