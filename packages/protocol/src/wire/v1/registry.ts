import { protocolOneMethods } from "../../capabilities/protocol-one.ts";
import type { MethodSpec } from "../../define.ts";
import { eventsOf, methodsOf } from "../registry.ts";

export const methods1: ReadonlyMap<string, MethodSpec> = new Map([
  ...methodsOf(1),
  ...Object.entries<MethodSpec>(protocolOneMethods),
]);
export const events1 = eventsOf(1);
