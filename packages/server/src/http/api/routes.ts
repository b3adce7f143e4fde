import { chatCompletionsRoute } from "./chat-completions/route.ts";
import { embeddingsRoute } from "./embeddings.ts";
import { modelRoutes } from "./models.ts";
import { responsesRoutes } from "./responses/routes.ts";
import type { ApiRoute } from "./route.ts";
import { toolsInvokeRoute } from "./tools-invoke.ts";

/** Every address of the HTTP API. */
export const apiRoutes: readonly ApiRoute[] = [
  ...modelRoutes,
  chatCompletionsRoute,
  ...responsesRoutes,
  embeddingsRoute,
  toolsInvokeRoute,
];
