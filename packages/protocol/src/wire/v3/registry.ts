import { eventsOf, methodsOf } from "../registry.ts";

export const methods3 = methodsOf(3);
export const events3 = eventsOf(3);
