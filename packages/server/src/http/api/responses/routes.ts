import type { ApiRoute } from "../route.ts";
import { createRoute } from "./create.ts";
import { storedRoutes } from "./stored.ts";

export const responsesRoutes: readonly ApiRoute[] = [createRoute, ...storedRoutes];
