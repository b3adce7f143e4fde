import { randomUUID } from "node:crypto";
import { ApiError, invalid } from "../api-error.ts";
import { agentIn } from "../model-names.ts";
import type { ApiCall } from "../route.ts";
import { type ChosenSession, chooseSession } from "../turns/session.ts";
import type { ResponseRequest } from "./request.ts";

const prefix = "openresponses";
const field = "previous_response_id";

/** Where a turn takes place: in a session of its own or of its user, or where the response before it did. */
export type Place = ChosenSession & { continues?: true; forkOf?: { sessionId: string; seq: number } };

/**
 * A response goes on in the conversation of the one before it, as long as nothing has been said there since. Otherwise
 * the conversation parts: a session of its own begins with what had been said until then.
 */
export async function choosePlace(
  call: Pick<ApiCall, "header" | "call">,
  { model, user, previousId }: Pick<ResponseRequest, "model" | "user" | "previousId">,
): Promise<Place> {
  if (previousId === undefined) return chooseSession(call, { model, user, prefix });
  const { found } = await call.call("turns.get", { runId: previousId });
  if (!found)
    throw new ApiError(404, `Previous response with id '${previousId}' not found.`, {
      param: field,
      code: "previous_response_not_found",
    });
  const { agentId, sessionKey, end, endedAt } = found;
  const wanted = call.header("x-openclaw-agent-id")?.trim().toLowerCase() || agentIn(model);
  if (wanted !== undefined && wanted !== agentId.toLowerCase())
    throw invalid(field, `${field}: the response is one of agent "${agentId}", the request asks for "${wanted}"`);
  const asked = call.header("x-openclaw-session-key")?.trim().toLowerCase();
  if (asked && asked !== sessionKey)
    throw invalid(field, `${field}: the response belongs to session ${sessionKey}, the header names ${asked}`);
  if (endedAt === undefined || !end) throw invalid(field, `${field}: the response is still in progress`);
  if (end.isLatest) return { agentId, sessionKey, continues: true };
  const { sessionId, seq } = end;
  return {
    agentId,
    sessionKey: `agent:${agentId}:${prefix}:${randomUUID()}`.toLowerCase(),
    forkOf: { sessionId, seq },
  };
}
