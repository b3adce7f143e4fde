import type { ToolsConfig } from "../config.ts";

/** Names that stand for several tools in `tools.allow` and `tools.deny`. */
const groups: Readonly<Record<string, readonly string[]>> = {
  "group:fs": ["read", "write", "edit", "apply_patch"],
  "group:runtime": ["exec", "process"],
  "group:sessions": ["sessions_list", "sessions_history", "sessions_send", "sessions_spawn"],
  "group:openclaw": ["read", "exec", "process", "sessions_list", "sessions_history", "sessions_send", "sessions_spawn"],
};

/** Other names that configurations use. */
const aliases: ReadonlyMap<string, string> = new Map([["bash", "exec"]]);

/** What a profile lets through of the tools that exist; one that is not listed here restricts nothing. */
const profiles: Readonly<Record<string, readonly string[]>> = {
  minimal: [],
  messaging: ["sessions_list", "sessions_history", "sessions_send"],
  coding: ["group:fs", "group:runtime", "group:sessions"],
};

/** `deny` wins over `allow`; an `allow` that is there lets through nothing else. */
export function isAllowed(tool: string, policy: ToolsConfig | undefined): boolean {
  if (!policy) return true;
  if (policy.deny && matches(tool, policy.deny)) return false;
  const profile = policy.profile === undefined ? undefined : profiles[policy.profile];
  if (policy.allow && policy.allow.length > 0) return matches(tool, policy.allow);
  return profile === undefined || matches(tool, profile);
}

function matches(tool: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const wanted = aliases.get(pattern.trim().toLowerCase()) ?? pattern.trim().toLowerCase();
    return wanted === "*" || wanted === tool || (groups[wanted]?.includes(tool) ?? false);
  });
}
