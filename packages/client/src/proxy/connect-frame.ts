import { hasScope, isScope, limits, type Scope } from "@openclaw-gateway/protocol/wire";

/** What the proxy adds to a page's `connect`. */
export type Credential = { token: string; scopes: readonly Scope[] };

export type ConnectFrame = { ok: true; id: string; frame: Buffer } | { ok: false; reason: string };

/** Added to what a page asks for, as far as it is allowed: a page without them could do nothing. */
const always: readonly Scope[] = ["operator.read", "operator.write"];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The page's first frame as the gateway gets it: the proxy's token in the place of whatever the page sent to prove who it
 * is, an operator, with the scopes it asked for as far as they are allowed. The reason is fit for the page.
 */
export function rewriteConnect(data: Buffer, isBinary: boolean, { token, scopes }: Credential): ConnectFrame {
  if (isBinary || data.byteLength > limits.handshakeBytes) return refused("first frame must be a short text");
  const frame = parse(data);
  if (!isObject(frame)) return refused("first frame is not JSON");
  const { type, id, method, params = {} } = frame;
  if (type !== "req" || method !== "connect" || typeof id !== "string" || !isObject(params)) {
    return refused("first frame must be connect");
  }
  // Signatures of a device cover its token, so they cannot be right with ours in its place.
  const { auth: _, device: __, scopes: asked, client, ...rest } = params;
  const wanted = new Set<unknown>([...always, ...(Array.isArray(asked) ? (asked as readonly unknown[]) : [])]);
  const granted = [...wanted].filter((scope) => typeof scope === "string" && isScope(scope) && hasScope(scopes, scope));
  // Gateways read no scopes as all of them.
  if (granted.length === 0) return refused("no scope is allowed here");
  const connect = {
    ...rest,
    ...(isObject(client) ? { client: asBackend(client) } : {}),
    role: "operator",
    scopes: granted,
    auth: { token },
  };
  return { ok: true, id, frame: Buffer.from(JSON.stringify({ type, id, method, params: connect })) };
}

const refused = (reason: string): ConnectFrame => ({ ok: false, reason });

/** Gateways take page identities only from pages of their own, by the `Origin` of the link; this link is a backend's. */
function asBackend(client: Record<string, unknown>): Record<string, unknown> {
  const { id, mode } = client;
  const isPage = id === "openclaw-control-ui" || id === "webchat-ui" || mode === "webchat";
  return isPage ? { ...client, id: "gateway-client", mode: "backend" } : client;
}

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}
