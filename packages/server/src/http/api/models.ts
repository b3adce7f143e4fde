import type { Result } from "@openclaw-gateway/protocol";
import { agentIn, gatewayModel, modelNameOf, unknownModel } from "./model-names.ts";
import type { ApiCall, ApiRoute, Endpoints } from "./route.ts";

/** `created` of every model: agents have no birthday. */
const created = 0;

type Agents = Result<"agents.list">;

const entry = (id: string, name?: string) => ({
  id,
  object: "model",
  created,
  owned_by: gatewayModel,
  ...(name !== undefined && { name }),
});

const namesOf = ({ agents }: Agents) => [
  entry(gatewayModel),
  entry(modelNameOf("default")),
  ...agents.map(({ id, name }) => entry(modelNameOf(id), name)),
];

/** Whether any endpoint is offered that wants the name of a model. */
export const offersModels = ({ chatCompletions, responses }: Endpoints): boolean =>
  (chatCompletions?.enabled ?? false) || (responses?.enabled ?? false);

const shared = { method: "GET", isOffered: offersModels, needs: "agents.list", maxBodyBytes: () => 0 } as const;

/** Agents as OpenAI's clients know models. */
export const modelRoutes: readonly ApiRoute[] = [
  {
    ...shared,
    path: "/v1/models",
    answer: async ({ call }) => Response.json({ object: "list", data: namesOf(await call("agents.list", {})) }),
  },
  {
    ...shared,
    // Names have slashes, escaped or not.
    path: "/v1/models/:id{.+}",
    answer: async ({ call, path }: ApiCall) => {
      const name = path["id"] ?? "";
      const listed = namesOf(await call("agents.list", {}));
      const exact = listed.find(({ id }) => id === name);
      if (exact) return Response.json(exact);
      // Under its other names an agent is what it was called.
      const agentId = agentIn(name);
      const other = agentId === undefined ? undefined : listed.find(({ id }) => id === modelNameOf(agentId));
      if (!other) throw unknownModel(name);
      return Response.json({ ...other, id: name });
    },
  },
];
