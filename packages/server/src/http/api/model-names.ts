import type { Result } from "@openclaw-gateway/protocol";
import { ApiError } from "./api-error.ts";

/** The name of the gateway itself as a model: its default agent. */
export const gatewayModel = "openclaw";
const defaultAlias = "default";

/** The name under which an agent is listed as a model. */
export const modelNameOf = (agentId: string): string => `${gatewayModel}/${agentId}`;

/**
 * The agent that a model's name means: `openclaw/<id>`, `openclaw:<id>` or `agent:<id>`. Undefined for the default one,
 * which every other name means too: clients insist on sending some.
 */
export function agentIn(model: string): string | undefined {
  const named = /^(?:openclaw[:/]|agent:)(.+)$/i.exec(model.trim())?.[1]?.trim().toLowerCase();
  return named === defaultAlias ? undefined : named;
}

type Agents = Result<"agents.list">;

/** The agent that a request names by header or model; undefined for the default one. Throws for one that does not exist. */
export function findAgent(
  { agents }: Pick<Agents, "agents">,
  { model, header }: { model: string; header: string | undefined },
): string | undefined {
  const byHeader = header?.trim().toLowerCase();
  const wanted = byHeader || agentIn(model);
  if (wanted === undefined) return undefined;
  const found = agents.find(({ id }) => id.toLowerCase() === wanted);
  if (!found) throw unknownModel(byHeader ? modelNameOf(byHeader) : model);
  return found.id;
}

export const unknownModel = (model: string): ApiError =>
  new ApiError(
    404,
    `The model ${JSON.stringify(model)} does not exist: there is no such agent. GET /v1/models lists what there is.`,
    { param: "model", code: "model_not_found" },
  );
