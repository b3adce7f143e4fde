import type { MethodName, Methods, Result } from "@openclaw-gateway/protocol";
import type { MockConnection } from "./connection.ts";

/** One call. */
export type MockCall = {
  connection: MockConnection;
  /** Gives the first answer of a two-phase method. */
  accept(payload: unknown): void;
};

/** Params after the catalogue's schema has read them. */
export type Parsed<M extends MethodName> = ReturnType<Methods[M]["params"]["parse"]>;

/** What the simulated gateway can do; a method without a handler is unknown to it. */
export type MockHandlers = {
  [M in MethodName]?: (params: Parsed<M>, call: MockCall) => Result<M> | Promise<Result<M>>;
};
