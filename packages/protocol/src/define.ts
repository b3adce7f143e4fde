import type { z } from "zod";
import type { Role, Scope } from "./scopes.ts";

/** Protocol versions that this vocabulary can describe. Version 2 was never published. */
export type ProtocolVersion = 1 | 3 | 4;

/** The name that replaced an older one, or the list that an older single value became an item of. */
export type Alias = string | { itemOf: string };

/** One method of the gateway. Everything else (scope table, advertised list, JSON Schema, CLI help) is derived from it. */
export type MethodSpec = {
  description: string;
  /** First protocol version that has the method. */
  since: ProtocolVersion;
  /** Last protocol version that has it; omitted when it still exists. */
  until?: ProtocolVersion;
  role: Role;
  /** Omitted when the role alone is enough. */
  scope?: Scope;
  /** What protocols up to this one ask for instead, as recorded for them. */
  scopeUntil?: { version: ProtocolVersion; scope: Scope };
  params: z.ZodType;
  result: z.ZodType;
  /** Two-phase methods answer twice on one id: this first, `result` when the work ends. */
  accepted?: z.ZodType;
  /** What is told between acceptance and result, as often as there is news. Only methods without a socket have it. */
  progress?: z.ZodType;
  /** Older parameter names and what replaced them. */
  aliases?: Readonly<Record<string, Alias>>;
  /**
   * An agent's own call may use it although its scope is one that protects the gateway. Methods of such a scope
   * (`protectingScopes`) without it refuse every call that an agent caused (T-D3).
   */
  forAgents?: true;
  /** Callable but left out of `hello-ok.features.methods`, as recorded for this method. */
  hidden?: true;
};
export type MethodGroup = Record<string, MethodSpec>;

/** One event of the gateway, with who may see it and what happens to it when a reader is slow. */
export type EventSpec = {
  description: string;
  since: ProtocolVersion;
  until?: ProtocolVersion;
  /** Roles that may receive it; operators only when omitted. */
  roles?: readonly Role[];
  /** Scope an operator needs; omitted when every operator may see it. */
  scope?: Scope;
  payload: z.ZodType;
  /** A newer one replaces it, so a slow reader may miss it. It then consumes no `seq`. */
  droppable?: true;
  /** Sent to chosen connections only and therefore never numbered. */
  unnumbered?: true;
};
export type EventGroup = Record<string, EventSpec>;
