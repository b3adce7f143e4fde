/** The grammar of session keys, in one place. Canonical form: `agent:<agentId>:<rest>`, lower-cased as a whole. */
export type SessionKeyDefaults = { defaultAgentId: string; mainKey: string };

const reserved = new Set(["global", "unknown"]);

/** A session key in canonical form. Total: every non-empty string has one. */
export function canonicalSessionKey(key: string, { defaultAgentId, mainKey }: SessionKeyDefaults): string {
  const lower = key.trim().toLowerCase();
  if (reserved.has(lower) || lower.startsWith("agent:")) return lower;
  if (lower === "main" || lower === mainKey.toLowerCase()) return mainSessionKey(defaultAgentId, mainKey);
  return `agent:${defaultAgentId}:${lower}`.toLowerCase();
}

export const mainSessionKey = (agentId: string, mainKey: string): string => `agent:${agentId}:${mainKey}`.toLowerCase();

/** The parts of a canonical key, or undefined for `global`, `unknown` and malformed keys such as `agent::x`. */
export function parseSessionKey(canonical: string): { agentId: string; rest: string } | undefined {
  const match = /^agent:([^:]+):(.+)$/s.exec(canonical);
  return match ? { agentId: match[1]!, rest: match[2]! } : undefined;
}

/** Whether a session is that of a sub-agent. */
export const isSubagentKey = (canonical: string): boolean =>
  parseSessionKey(canonical)?.rest.startsWith("subagent:") ?? false;

export type SessionKind = "direct" | "group" | "global" | "unknown";

export function sessionKindOf(canonical: string): SessionKind {
  if (canonical === "global" || canonical === "unknown") return canonical;
  return /:(group|channel):/.test(parseSessionKey(canonical)?.rest ?? "") ? "group" : "direct";
}

/** Keys that other backends derive from ids, never from names people can change (seed 2). */
export const derivedSessionKeys = {
  boardLead: (boardId: string): string => `agent:lead-${boardId}:main`.toLowerCase(),
  boardAgent: (agentId: string): string => `agent:mc-${agentId}:main`.toLowerCase(),
  gatewayMain: (gatewayId: string): string => `agent:mc-gateway-${gatewayId}:main`.toLowerCase(),
  subagent: (agentId: string, id: string): string => `agent:${agentId}:subagent:${id}`.toLowerCase(),
  cron: (agentId: string, jobId: string): string => `agent:${agentId}:cron:${jobId}`.toLowerCase(),
  hook: (agentId: string, id: string): string => `agent:${agentId}:hook:${id}`.toLowerCase(),
} as const;
