import { createHash, randomUUID } from "node:crypto";
import { canonicalSessionKey, parseSessionKey } from "@openclaw-gateway/protocol";
import { ApiError } from "../api-error.ts";
import { findAgent, modelNameOf, unknownModel } from "../model-names.ts";
import type { ApiCall } from "../route.ts";

/** Sessions of these belong to parts of the gateway; nobody speaks in them by naming them. */
const reserved = /^(?:subagent|cron|acp):/;

const sessionHeader = "x-openclaw-session-key";

/** Which conversation a request belongs to. */
export type ChosenSession = { agentId: string; sessionKey: string };

/**
 * The agent by header, model or session; the session by header, or the one of `user`, or a fresh one. `prefix` keeps the
 * endpoints' sessions apart. Throws for an agent that does not exist.
 */
export async function chooseSession(
  call: Pick<ApiCall, "header" | "call">,
  { model, user, prefix }: { model: string; user: string | undefined; prefix: string },
): Promise<ChosenSession> {
  const listed = await call.call("agents.list", {});
  const { defaultId, mainKey, agents } = listed;
  const agentId = findAgent(listed, { model, header: call.header("x-openclaw-agent-id") });

  const asked = call.header(sessionHeader)?.trim();
  if (!asked) {
    const owner = agentId ?? defaultId;
    const rest = user === undefined ? `${prefix}:${randomUUID()}` : `${prefix}-user:${nameOf(user)}`;
    return { agentId: owner, sessionKey: `agent:${owner}:${rest}`.toLowerCase() };
  }
  const sessionKey = canonicalSessionKey(asked, { defaultAgentId: agentId ?? defaultId, mainKey });
  const place = parseSessionKey(sessionKey);
  if (!place) throw refuse(`${sessionHeader}: ${JSON.stringify(asked)} is no session that can be spoken in`);
  if (reserved.test(place.rest))
    throw refuse(`${sessionHeader}: sessions of "${place.rest.split(":")[0]}:" are reserved`);
  const owner = agents.find(({ id }) => id.toLowerCase() === place.agentId)?.id;
  if (owner === undefined) throw unknownModel(modelNameOf(place.agentId));
  if (agentId !== undefined && owner !== agentId)
    throw refuse(`${sessionHeader}: the session belongs to agent "${owner}", the request asks for "${agentId}"`);
  return { agentId: owner, sessionKey };
}

const refuse = (message: string): ApiError => new ApiError(400, message, { param: sessionHeader });

/** Keys are one in upper and lower case; what people are called by is not, nor is it short. */
const nameOf = (user: string): string =>
  /^[a-z0-9][a-z0-9._@:+-]{0,63}$/.test(user)
    ? user
    : `sha256-${createHash("sha256").update(user, "utf8").digest("hex").slice(0, 32)}`;
