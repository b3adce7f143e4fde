import { eventsOf, methodsOf } from "../registry.ts";

export const methods4 = methodsOf(4);
export const events4 = eventsOf(4);
