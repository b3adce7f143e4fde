import { GatewayError, type Params } from "@openclaw-gateway/protocol";
import type { StoredSession } from "../../conversations/conversation-store.ts";
import type { AgentRuntime } from "../../runtime/agent-runtime.ts";

type Patch = Omit<Params<"sessions.patch">, "key">;

/** Levels a session may have, and the recorded words of the refusal. `hidden` values work without being advertised. */
const levels = {
  thinkingLevel: { values: ["off", "minimal", "low", "medium", "high"], hidden: ["xhigh"], quote: "" },
  verboseLevel: { values: ["on", "off"], hidden: ["full"], quote: '"' },
  reasoningLevel: { values: ["on", "off", "stream"], hidden: [], quote: '"' },
  elevatedLevel: { values: ["on", "off", "ask", "full"], hidden: [], quote: '"' },
  execHost: { values: ["sandbox", "gateway", "node"], hidden: [], quote: '"' },
  execSecurity: { values: ["deny", "allowlist", "full"], hidden: [], quote: '"' },
  execAsk: { values: ["off", "on-miss", "always"], hidden: [], quote: '"' },
} as const satisfies Record<string, { values: readonly string[]; hidden: readonly string[]; quote: string }>;

const labels = ["icon", "color", "category"] as const;
const flags = ["pinned", "archived", "unread"] as const;
const marks: ReadonlySet<string> = new Set([...labels, ...flags]);

/** Whether a patch only marks the session in the lists of people: nothing happened in it, so it keeps its place there. */
export const onlyMarks = (patch: object): boolean => Object.keys(patch).every((name) => marks.has(name));

/** What a patch changes in the stored settings; null removes. Throws when a value is not one of the allowed. */
export function toSettings(
  patch: Patch,
  session: StoredSession | undefined,
  key: string,
  runtime: AgentRuntime,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(levels)) {
    const value = patch[name as keyof typeof levels];
    if (value === undefined) continue;
    settings[name] = value === null ? null : checkLevel(name, value, rule);
  }
  // Recorded: for these two, "off" is the same as nothing.
  if (settings["reasoningLevel"] === "off") settings["reasoningLevel"] = null;
  if (patch.responseUsage !== undefined)
    settings["responseUsage"] =
      patch.responseUsage === "off" ? null : patch.responseUsage === "on" ? "tokens" : patch.responseUsage;
  for (const name of ["sendPolicy", "groupActivation", "execNode"] as const) {
    if (patch[name] !== undefined) settings[name] = patch[name];
  }
  for (const name of labels) {
    if (patch[name] !== undefined) settings[name] = patch[name];
  }
  for (const name of flags) {
    if (patch[name] !== undefined) settings[name] = patch[name] || null;
  }
  if (patch.spawnedBy !== undefined) settings["spawnedBy"] = checkSpawnedBy(patch.spawnedBy, session, key);
  if (patch.model !== undefined) Object.assign(settings, modelSettings(patch.model, runtime));
  return settings;
}

function checkLevel(
  name: string,
  value: string,
  rule: { values: readonly string[]; hidden: readonly string[]; quote: string },
): string {
  const level = value.trim().toLowerCase();
  if (rule.values.includes(level) || rule.hidden.includes(level)) return level;
  const choices = rule.values.map((choice) => `${rule.quote}${choice}${rule.quote}`).join("|");
  throw new GatewayError("INVALID_REQUEST", `invalid ${name} (use ${choices})`);
}

function checkSpawnedBy(value: string | null, session: StoredSession | undefined, key: string): string {
  const known = session?.settings["spawnedBy"];
  if (value === null) {
    if (typeof known === "string") throw new GatewayError("INVALID_REQUEST", "spawnedBy cannot be cleared once set");
    throw new GatewayError("INVALID_REQUEST", "invalid spawnedBy: empty");
  }
  if (!key.includes(":subagent:"))
    throw new GatewayError("INVALID_REQUEST", "spawnedBy is only supported for subagent:* sessions");
  if (typeof known === "string" && known !== value)
    throw new GatewayError("INVALID_REQUEST", "spawnedBy cannot be changed once set");
  return value;
}

function modelSettings(model: string | null, runtime: AgentRuntime): Record<string, unknown> {
  if (model === null) return { modelOverride: null, providerOverride: null };
  const choice = runtime.findModel(model);
  if (!choice) throw new GatewayError("INVALID_REQUEST", `model not allowed: ${model}`);
  return { modelOverride: choice.id, providerOverride: choice.provider };
}
