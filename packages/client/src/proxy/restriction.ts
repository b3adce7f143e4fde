import { canonicalSessionKey, type SessionKeyDefaults } from "@openclaw-gateway/protocol/wire";
import type { Admission } from "./options.ts";

/** Keeps a page to its sessions: what it may ask, and what it is shown. */
export interface Restriction {
  /** The page's frame may pass, or this is its answer; undefined when it has none. */
  judge(data: Buffer): { pass: true } | { pass: false; answer: Buffer | undefined };
  /** The gateway's frame as the page may see it; undefined when not at all. */
  show(data: Buffer): Buffer | undefined;
}

/** What may be asked, by the member that names the session. All else is refused, methods of newer gateways as well. */
const askable: ReadonlyMap<string, "sessionKey" | "key" | "keys"> = new Map([
  ["chat.send", "sessionKey"],
  ["chat.abort", "sessionKey"],
  ["chat.history", "sessionKey"],
  ["chat.inject", "sessionKey"],
  ["chat.message.get", "sessionKey"],
  ["chat.output.get", "sessionKey"],
  ["streams.subscribe", "sessionKey"],
  ["streams.unsubscribe", "sessionKey"],
  ["sessions.preview", "keys"],
  ["sessions.reset", "key"],
  ["sessions.messages.subscribe", "key"],
  ["sessions.messages.unsubscribe", "key"],
]);
/** Answers that list what others have, too: the member with the list, and what names a row. */
const filtered: ReadonlyMap<string, { list: string; name: "key" | "id" }> = new Map([
  ["sessions.list", { list: "sessions", name: "key" }],
  ["agents.list", { list: "agents", name: "id" }],
]);
const harmlessMethods = new Set(["models.list", "ping"]);
const harmlessEvents = new Set(["connect.challenge", "tick", "shutdown"]);

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function createRestriction(
  { sessions, agents }: Pick<Admission, "sessions" | "agents">,
  connectId: string,
): Restriction {
  /** Known from `hello-ok`; before it nothing can be judged. */
  let defaults: SessionKeyDefaults | undefined;
  const lists = new Map<string, { list: string; name: "key" | "id" }>();

  function isAllowed(key: unknown): boolean {
    if (typeof key !== "string" || defaults === undefined) return false;
    const known = defaults;
    const canonical = canonicalSessionKey(key, known);
    const agentId = /^agent:([^:]+):/.exec(canonical)?.[1];
    return (
      (sessions === undefined || sessions.some((one) => canonicalSessionKey(one, known) === canonical)) &&
      (agents === undefined || isAllowedAgent(agentId))
    );
  }
  const isAllowedAgent = (id: unknown): boolean =>
    typeof id === "string" && (agents === undefined || agents.some((one) => one.toLowerCase() === id.toLowerCase()));

  /** Whether everything that these members name is the page's own, and something is named. */
  function isOwn({ sessionKey, key, keys, agentId }: Json): boolean {
    const named = [sessionKey, key, ...(Array.isArray(keys) ? (keys as readonly unknown[]) : [keys])].filter(
      (one) => one !== undefined,
    );
    return named.length > 0 && named.every(isAllowed) && (agentId === undefined || isAllowedAgent(agentId));
  }

  function whyNot(method: string, params: unknown): string | undefined {
    if (defaults === undefined) return "wait for the answer to connect";
    if (harmlessMethods.has(method) || filtered.has(method)) return undefined;
    const member = askable.get(method);
    if (member === undefined) return `${method} is not available here`;
    if (isObject(params) && params[member] !== undefined && isOwn(params)) return undefined;
    return `${method}: ${member} names no session of yours`;
  }

  function readHello(payload: Json): Json {
    const { snapshot, features } = payload;
    const { sessionDefaults, stateVersion, uptimeMs } = isObject(snapshot) ? snapshot : {};
    const { defaultAgentId, mainKey } = isObject(sessionDefaults) ? sessionDefaults : {};
    defaults = {
      defaultAgentId: typeof defaultAgentId === "string" ? defaultAgentId : "main",
      mainKey: typeof mainKey === "string" ? mainKey : "main",
    };
    const methods = isObject(features) && Array.isArray(features["methods"]) ? (features["methods"] as unknown[]) : [];
    const isAskable = (method: unknown): boolean => typeof method === "string" && whyUnaskable(method) === undefined;
    return {
      ...payload,
      features: { ...(isObject(features) ? features : {}), methods: methods.filter(isAskable) },
      // Who else is connected, how its parts do and where its files lie is not the page's concern.
      snapshot: { presence: [], health: {}, stateVersion, uptimeMs, sessionDefaults },
    };
  }
  const whyUnaskable = (method: string): string | undefined =>
    askable.has(method) || filtered.has(method) || harmlessMethods.has(method) ? undefined : "unknown";

  function showAnswer(frame: Json, data: Buffer): Buffer {
    const { id, ok, payload } = frame;
    if (ok !== true || typeof id !== "string" || !isObject(payload)) return data;
    if (id === connectId && defaults === undefined) return encode({ ...frame, payload: readHello(payload) });
    const asked = lists.get(id);
    if (asked === undefined) return data;
    lists.delete(id);
    const rows = Array.isArray(payload[asked.list]) ? (payload[asked.list] as unknown[]) : [];
    const isShown = (row: unknown): boolean =>
      isObject(row) && (asked.name === "key" ? isAllowed(row["key"]) : isAllowedAgent(row["id"]));
    const shown = rows.filter(isShown);
    return encode({
      ...frame,
      payload: { ...payload, [asked.list]: shown, ...("count" in payload && { count: shown.length }) },
    });
  }

  function showEvent({ event, payload, position, seq }: Json, data: Buffer): Buffer | undefined {
    if (typeof event !== "string") return undefined;
    if (harmlessEvents.has(event)) return data;
    const { sessionKey, key } = isObject(payload) ? payload : {};
    const place = isObject(position) ? position["sessionKey"] : undefined;
    if ((sessionKey ?? key ?? place) !== undefined && isOwn({ sessionKey, key, keys: place })) return data;
    // A number that is missing looks like a loss to clients.
    return typeof seq === "number" ? encode({ type: "event", event: "hidden", seq }) : undefined;
  }

  return {
    judge: (data) => {
      const frame = parse(data);
      if (!isObject(frame) || frame["type"] !== "req") return { pass: false, answer: undefined };
      const { id, method, params } = frame;
      if (typeof id !== "string" || typeof method !== "string") return { pass: false, answer: undefined };
      const message = whyNot(method, params);
      if (message !== undefined) {
        const error = { code: "FORBIDDEN", message, details: { code: "PROXY_RESTRICTED" } };
        return { pass: false, answer: encode({ type: "res", id, ok: false, error }) };
      }
      const list = filtered.get(method);
      if (list !== undefined) lists.set(id, list);
      return { pass: true };
    },
    show: (data) => {
      const frame = parse(data);
      if (!isObject(frame)) return undefined;
      if (frame["type"] === "res") return showAnswer(frame, data);
      return frame["type"] === "event" ? showEvent(frame, data) : undefined;
    },
  };
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function parse(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return undefined;
  }
}
