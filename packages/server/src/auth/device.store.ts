import type { Database, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { SealedToken } from "./device-tokens.ts";

/** What a device says about itself, cleaned of what does not belong in a name. Never a ground for a decision. */
export type DeviceClient = {
  displayName?: string;
  platform: string;
  deviceFamily?: string;
  clientId: string;
  clientMode: string;
  /** The page it came from, for a browser. */
  browserOrigin?: string;
  /** Unless it came from this machine. */
  remoteIp?: string;
};

/** Times are milliseconds since the epoch. */
export type DeviceToken = SealedToken & {
  role: string;
  scopes: readonly string[];
  createdAt: number;
  rotatedAt: number | null;
  revokedAt: number | null;
  lastUsedAt: number | null;
};

export type Device = {
  deviceId: string;
  /** Raw Ed25519 key, base64url. */
  publicKey: string;
  /** The name an operator gave it. */
  label: string | null;
  client: DeviceClient;
  /** The first role it was approved for. */
  role: string;
  roles: readonly string[];
  scopes: readonly string[];
  /** Agents that a daemon may run. */
  agentIds: readonly string[];
  approvedVia: string;
  createdAt: number;
  approvedAt: number;
  lastSeenAt: number | null;
  lastSeenReason: string | null;
  tokens: readonly DeviceToken[];
};

export type PendingDevice = {
  requestId: string;
  deviceId: string;
  publicKey: string;
  client: DeviceClient;
  role: string;
  scopes: readonly string[];
  isRepair: boolean;
  /** What the number of requests is bounded by. */
  address: string;
  createdAt: number;
  expiresAt: number;
};

export type BootstrapCode = {
  hash: string;
  setupId: string;
  role: string;
  scopes: readonly string[];
  createdAt: number;
  expiresAt: number;
};

/** Who is paired, who waits, which codes are out. Requests and codes whose time has passed are never returned. */
export interface DeviceStore {
  device(deviceId: string): Promise<Device | undefined>;
  /** The last approved first. */
  devices(limit: number): Promise<Device[]>;
  /** Writes a device and one of its tokens, and takes away the request or the code it comes from, all at once. */
  approve(
    device: Omit<Device, "tokens">,
    token: DeviceToken,
    from?: { requestId?: string; codeHash?: string },
  ): Promise<void>;
  saveToken(deviceId: string, token: DeviceToken): Promise<void>;
  /** Whose token this is the hash of; also of one that has been taken back. */
  tokenOwner(hash: string): Promise<{ deviceId: string; token: DeviceToken } | undefined>;
  rename(deviceId: string, label: string): Promise<void>;
  seen(deviceId: string, role: string, at: number, reason: string): Promise<void>;
  /** Forgets the device, its tokens and its request. */
  remove(deviceId: string): Promise<void>;
  request(requestId: string, now: number): Promise<PendingDevice | undefined>;
  requestOf(deviceId: string, now: number): Promise<PendingDevice | undefined>;
  /** The last made first. */
  requests(now: number): Promise<PendingDevice[]>;
  addRequest(request: PendingDevice): Promise<void>;
  removeRequest(requestId: string): Promise<void>;
  addCode(code: BootstrapCode): Promise<void>;
  code(hash: string, now: number): Promise<BootstrapCode | undefined>;
}

type DeviceRow = {
  device_id: string;
  public_key: string;
  label: string | null;
  client: string;
  role: string;
  roles: string;
  scopes: string;
  agent_ids: string;
  approved_via: string;
  created_at: number;
  approved_at: number;
  last_seen_at: number | null;
  last_seen_reason: string | null;
};
type TokenRow = {
  device_id: string;
  role: string;
  scopes: string;
  salt: string;
  hash: string;
  created_at: number;
  rotated_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
};
type RequestRow = {
  request_id: string;
  device_id: string;
  public_key: string;
  client: string;
  role: string;
  scopes: string;
  is_repair: number;
  address: string;
  created_at: number;
  expires_at: number;
};
type CodeRow = {
  hash: string;
  setup_id: string;
  role: string;
  scopes: string;
  created_at: number;
  expires_at: number;
};

const query = createQuery<{
  devices: DeviceRow;
  device_tokens: TokenRow;
  device_requests: RequestRow;
  bootstrap_codes: CodeRow;
}>();

const deviceById = prepared<{ deviceId: string }>((param) =>
  query.selectFrom("devices").selectAll().where("device_id", "=", param("deviceId")),
);
const tokensOf = prepared<{ deviceId: string }>((param) =>
  query.selectFrom("device_tokens").selectAll().where("device_id", "=", param("deviceId")).orderBy("created_at"),
);
const touchDevice = prepared<{ deviceId: string; at: number; reason: string }>((param) =>
  query
    .updateTable("devices")
    .set({ last_seen_at: param("at"), last_seen_reason: param("reason") })
    .where("device_id", "=", param("deviceId")),
);
const touchToken = prepared<{ deviceId: string; role: string; at: number }>((param) =>
  query
    .updateTable("device_tokens")
    .set({ last_used_at: param("at") })
    .where("device_id", "=", param("deviceId"))
    .where("role", "=", param("role")),
);
const tokenByHash = prepared<{ hash: string }>((param) =>
  query.selectFrom("device_tokens").selectAll().where("hash", "=", param("hash")),
);
const requestsAt = (now: number) => query.selectFrom("device_requests").selectAll().where("expires_at", ">", now);
const dropRequest = (requestId: string): Statement =>
  query.deleteFrom("device_requests").where("request_id", "=", requestId).compile();

function putDevice(device: Omit<Device, "tokens">): Statement {
  const { device_id, ...rest } = toDeviceRow(device);
  return query
    .insertInto("devices")
    .values({ device_id, ...rest })
    .onConflict((conflict) => conflict.column("device_id").doUpdateSet(rest))
    .compile();
}

function putToken(deviceId: string, token: DeviceToken): Statement {
  const { device_id, role, ...rest } = toTokenRow(deviceId, token);
  return query
    .insertInto("device_tokens")
    .values({ device_id, role, ...rest })
    .onConflict((conflict) => conflict.columns(["device_id", "role"]).doUpdateSet(rest))
    .compile();
}

export function createDeviceStore(db: Database): DeviceStore {
  const firstRequest = async (statement: Statement): Promise<PendingDevice | undefined> =>
    (await db.read<RequestRow>(statement)).map(toRequest)[0];
  return {
    device: async (deviceId) => {
      const [[row], tokens] = await Promise.all([
        db.read<DeviceRow>(deviceById({ deviceId })),
        db.read<TokenRow>(tokensOf({ deviceId })),
      ]);
      return row && toDevice(row, tokens);
    },
    devices: async (limit) => {
      const newest = query.selectFrom("devices").selectAll().orderBy("approved_at", "desc").limit(limit).compile();
      const rows = await db.scan<DeviceRow>(newest);
      if (rows.length === 0) return [];
      const tokens = await db.scan<TokenRow>(
        query.selectFrom("device_tokens").selectAll().orderBy("created_at").compile(),
      );
      const byDevice = Map.groupBy(tokens, ({ device_id }) => device_id);
      return rows.map((row) => toDevice(row, byDevice.get(row.device_id) ?? []));
    },
    approve: async (device, token, { requestId, codeHash } = {}) => {
      await db.write([
        putDevice(device),
        putToken(device.deviceId, token),
        ...(requestId === undefined ? [] : [dropRequest(requestId)]),
        ...(codeHash === undefined ? [] : [query.deleteFrom("bootstrap_codes").where("hash", "=", codeHash).compile()]),
      ]);
    },
    saveToken: async (deviceId, token) => void (await db.write([putToken(deviceId, token)])),
    tokenOwner: async (hash) => {
      const [row] = await db.read<TokenRow>(tokenByHash({ hash }));
      return row && { deviceId: row.device_id, token: toToken(row) };
    },
    rename: async (deviceId, label) =>
      void (await db.write([query.updateTable("devices").set({ label }).where("device_id", "=", deviceId).compile()])),
    seen: async (deviceId, role, at, reason) =>
      void (await db.write([touchDevice({ deviceId, at, reason }), touchToken({ deviceId, role, at })])),
    remove: async (deviceId) =>
      void (await db.write([
        query.deleteFrom("devices").where("device_id", "=", deviceId).compile(),
        query.deleteFrom("device_tokens").where("device_id", "=", deviceId).compile(),
        query.deleteFrom("device_requests").where("device_id", "=", deviceId).compile(),
      ])),
    request: (requestId, now) => firstRequest(requestsAt(now).where("request_id", "=", requestId).compile()),
    requestOf: (deviceId, now) => firstRequest(requestsAt(now).where("device_id", "=", deviceId).compile()),
    requests: async (now) => {
      const rows = await db.read<RequestRow>(requestsAt(now).orderBy("created_at", "desc").compile());
      return rows.map(toRequest);
    },
    addRequest: async (request) =>
      void (await db.write([
        query.deleteFrom("device_requests").where("expires_at", "<=", request.createdAt).compile(),
        query.insertInto("device_requests").values(toRequestRow(request)).compile(),
      ])),
    removeRequest: async (requestId) => void (await db.write([dropRequest(requestId)])),
    addCode: async (code) =>
      void (await db.write([
        query.deleteFrom("bootstrap_codes").where("expires_at", "<=", code.createdAt).compile(),
        query.insertInto("bootstrap_codes").values(toCodeRow(code)).compile(),
      ])),
    code: async (hash, now) => {
      const [row] = await db.read<CodeRow>(
        query
          .selectFrom("bootstrap_codes")
          .selectAll()
          .where("hash", "=", hash)
          .where("expires_at", ">", now)
          .compile(),
      );
      return row && toCode(row);
    },
  };
}

const list = (json: string): readonly string[] => JSON.parse(json) as string[];

const toDeviceRow = (device: Omit<Device, "tokens">): DeviceRow => ({
  device_id: device.deviceId,
  public_key: device.publicKey,
  label: device.label,
  client: JSON.stringify(device.client),
  role: device.role,
  roles: JSON.stringify(device.roles),
  scopes: JSON.stringify(device.scopes),
  agent_ids: JSON.stringify(device.agentIds),
  approved_via: device.approvedVia,
  created_at: device.createdAt,
  approved_at: device.approvedAt,
  last_seen_at: device.lastSeenAt,
  last_seen_reason: device.lastSeenReason,
});

const toDevice = (row: DeviceRow, tokens: readonly TokenRow[]): Device => ({
  deviceId: row.device_id,
  publicKey: row.public_key,
  label: row.label,
  client: JSON.parse(row.client) as DeviceClient,
  role: row.role,
  roles: list(row.roles),
  scopes: list(row.scopes),
  agentIds: list(row.agent_ids),
  approvedVia: row.approved_via,
  createdAt: row.created_at,
  approvedAt: row.approved_at,
  lastSeenAt: row.last_seen_at,
  lastSeenReason: row.last_seen_reason,
  tokens: tokens.map(toToken),
});

const toTokenRow = (deviceId: string, token: DeviceToken): TokenRow => ({
  device_id: deviceId,
  role: token.role,
  scopes: JSON.stringify(token.scopes),
  salt: token.salt,
  hash: token.hash,
  created_at: token.createdAt,
  rotated_at: token.rotatedAt,
  revoked_at: token.revokedAt,
  last_used_at: token.lastUsedAt,
});

const toToken = (row: TokenRow): DeviceToken => ({
  role: row.role,
  scopes: list(row.scopes),
  salt: row.salt,
  hash: row.hash,
  createdAt: row.created_at,
  rotatedAt: row.rotated_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

const toRequestRow = (request: PendingDevice): RequestRow => ({
  request_id: request.requestId,
  device_id: request.deviceId,
  public_key: request.publicKey,
  client: JSON.stringify(request.client),
  role: request.role,
  scopes: JSON.stringify(request.scopes),
  is_repair: request.isRepair ? 1 : 0,
  address: request.address,
  created_at: request.createdAt,
  expires_at: request.expiresAt,
});

const toRequest = (row: RequestRow): PendingDevice => ({
  requestId: row.request_id,
  deviceId: row.device_id,
  publicKey: row.public_key,
  client: JSON.parse(row.client) as DeviceClient,
  role: row.role,
  scopes: list(row.scopes),
  isRepair: row.is_repair === 1,
  address: row.address,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

const toCodeRow = (code: BootstrapCode): CodeRow => ({
  hash: code.hash,
  setup_id: code.setupId,
  role: code.role,
  scopes: JSON.stringify(code.scopes),
  created_at: code.createdAt,
  expires_at: code.expiresAt,
});

const toCode = (row: CodeRow): BootstrapCode => ({
  hash: row.hash,
  setupId: row.setup_id,
  role: row.role,
  scopes: list(row.scopes),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
