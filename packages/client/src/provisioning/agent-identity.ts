import { derivedSessionKeys, parseSessionKey } from "@openclaw-gateway/protocol";

/** Under which id a gateway knows an agent, and in which session it is spoken to. */
export type AgentIdentity = { agentId: string; sessionKey: string };

/**
 * Ids and keys that follow from the id of a record, so that every backend finds the same agent. Names are no ids:
 * people change them and give them twice; anything but a UUID is a `TypeError`.
 */
export const agentIdentities = {
  /** `lead-<uuid>` of a board. */
  boardLead: (boardId: string): AgentIdentity =>
    identityOf(derivedSessionKeys.boardLead(uuid("a board's id", boardId))),
  /** `mc-<uuid>` of an agent on a board. */
  boardAgent: (agentId: string): AgentIdentity =>
    identityOf(derivedSessionKeys.boardAgent(uuid("an agent's id", agentId))),
  /** `mc-gateway-<uuid>` of a gateway's own agent. */
  gatewayMain: (gatewayId: string): AgentIdentity =>
    identityOf(derivedSessionKeys.gatewayMain(uuid("a gateway's id", gatewayId))),
} as const;

/** Where an agent's workspace lies on the gateway's machine. */
export function workspaceFor(workspaceRoot: string, agentId: string): string {
  const root = workspaceRoot.trim().replace(/(?<=.)\/+$/, "");
  if (root === "") throw new TypeError("the workspace root is empty");
  return `${root === "/" ? "" : root}/workspace-${agentId}`;
}

function identityOf(sessionKey: string): AgentIdentity {
  const agentId = parseSessionKey(sessionKey)?.agentId;
  if (agentId === undefined) throw new TypeError(`no session key of an agent: ${sessionKey}`);
  return { agentId, sessionKey };
}

function uuid(what: string, id: string): string {
  const text = id.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new TypeError(`${what} is a UUID, not ${JSON.stringify(id)}`);
}
