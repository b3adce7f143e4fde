import { type AllowlistEntry, execAsks, type ExecApprovalsFile, execSecurities } from "@openclaw-gateway/protocol";

export type ExecSecurity = (typeof execSecurities)[number];
export type ExecAsk = (typeof execAsks)[number];

export const isExecSecurity = (value: unknown): value is ExecSecurity =>
  (execSecurities as readonly unknown[]).includes(value);
export const isExecAsk = (value: unknown): value is ExecAsk => (execAsks as readonly unknown[]).includes(value);

/** What one place (configuration, session, approvals file) says about commands. */
export type ExecRule = { security?: ExecSecurity | undefined; ask?: ExecAsk | undefined };

export type ExecPolicy = {
  security: ExecSecurity;
  ask: ExecAsk;
  askFallback: ExecSecurity;
  allowlist: readonly AllowlistEntry[];
};

/** Where nothing is said: what is not on the allow-list asks a person, and nobody answering is a no. */
export const safeDefaults = {
  security: "allowlist",
  ask: "on-miss",
  askFallback: "deny",
  autoAllowSkills: false,
} as const;

const strictest = { security: ["deny", "allowlist", "full"], ask: ["always", "on-miss", "off"] } as const;

/** The policy of an agent: of all places that say something, the strictest. No place can loosen another. */
export function resolvePolicy(file: ExecApprovalsFile, agentId: string, rules: readonly ExecRule[]): ExecPolicy {
  const own = file.agents?.[agentId];
  const shared = file.agents?.["*"];
  const inFile = {
    security: own?.security ?? shared?.security ?? file.defaults?.security,
    ask: own?.ask ?? shared?.ask ?? file.defaults?.ask,
  };
  const all = [inFile, ...rules];
  return {
    security:
      first(
        strictest.security,
        all.map(({ security }) => security),
      ) ?? safeDefaults.security,
    ask:
      first(
        strictest.ask,
        all.map(({ ask }) => ask),
      ) ?? safeDefaults.ask,
    askFallback: own?.askFallback ?? shared?.askFallback ?? file.defaults?.askFallback ?? safeDefaults.askFallback,
    allowlist: [...(own?.allowlist ?? []), ...(shared?.allowlist ?? [])],
  };
}

const first = <T>(order: readonly T[], said: readonly (T | undefined)[]): T | undefined =>
  order.find((value) => said.includes(value));

export type Verdict = { do: "run" } | { do: "ask"; because: string } | { do: "refuse"; because: string };

/** What happens with a command. `miss` says why the allow-list does not cover it; undefined when it does. */
export function decide({ security, ask }: Pick<ExecPolicy, "security" | "ask">, miss: string | undefined): Verdict {
  if (security === "deny") return { do: "refuse", because: "commands are switched off here (security: deny)" };
  if (ask === "always") return { do: "ask", because: "every command asks here (ask: always)" };
  if (security === "full" || miss === undefined) return { do: "run" };
  if (ask === "off") return { do: "refuse", because: `${miss}, and nobody is asked here (ask: off)` };
  return { do: "ask", because: miss };
}

/** Whether a command that nobody decided about may run: only what the allow-list covers, and only where that is wished. */
export const mayRunUnanswered = ({ askFallback }: ExecPolicy, miss: string | undefined): boolean =>
  askFallback !== "deny" && miss === undefined;
