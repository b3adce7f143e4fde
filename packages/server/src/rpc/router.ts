import {
  connectMethods,
  type Dialect,
  describeIssues,
  GatewayError,
  type InsideMethods,
  type MethodSpec,
  type MethodGroup,
  type Methods,
  protocolOneMethods,
  renameAliases,
  withoutUnknownKeys,
} from "@openclaw-gateway/protocol";
import type { z } from "zod";
import type { Log } from "../platform/log.ts";
import { authorize } from "./authorize.ts";
import { StorageError } from "../store/storage-error.ts";
import type { Handlers, RequestContext } from "./handler.ts";
import { storageRefusal } from "./storage-refusal.ts";

/** A call as every entrance makes it. `accept` receives the first of two answers, `progress` what comes before the last. */
export type Call = RequestContext & { accept(payload: unknown): void; progress?(payload: unknown): void };

export interface Router {
  /**
   * The one door to every capability: find, authorize, validate, run. Throws `GatewayError` and nothing else. A handler
   * that answers at once makes this answer at once too, so a cheap read costs no promise.
   */
  call(dialect: Dialect, method: string, params: unknown, call: Call): unknown;
}

/** Somebody asked for a method that exists and is not theirs to call. */
export type OnDenied = (call: RequestContext, method: string, refusal: GatewayError) => void;

type AnyHandler = (params: unknown, call: Call) => unknown;

/**
 * Takes a handler for every method of the catalogue: forgetting to mount a capability does not compile. `earlier` are the
 * methods that protocol 1 has under the same names, `inside` those that no protocol has.
 */
export function createRouter(
  handlers: Handlers<Methods>,
  earlier: Handlers<typeof protocolOneMethods>,
  inside: Handlers<InsideMethods>,
  log: Log,
  onDenied: OnDenied = () => {},
): Router {
  const table = new Map(Object.entries({ ...handlers, ...inside }) as [string, AnyHandler][]);
  // By definition, not by name: one name may mean another method in protocol 1.
  const ofProtocolOne = new Map<MethodSpec, AnyHandler>(byDefinition(protocolOneMethods, earlier));
  const parsers = new Map<Dialect, Map<string, z.ZodType>>();

  function parserOf(dialect: Dialect, method: string, spec: MethodSpec): z.ZodType {
    let ofDialect = parsers.get(dialect);
    if (!ofDialect) parsers.set(dialect, (ofDialect = new Map()));
    let parser = ofDialect.get(method);
    if (!parser) ofDialect.set(method, (parser = dialect.strictParams ? spec.params : withoutUnknownKeys(spec.params)));
    return parser;
  }

  function asGatewayError(error: unknown, method: string, { connection }: RequestContext): GatewayError {
    if (error instanceof GatewayError) return error;
    const refusal = error instanceof StorageError ? storageRefusal(error) : undefined;
    if (refusal) {
      log.warn({ method, connId: connection?.id, err: error }, "a request failed for want of storage");
      return refusal;
    }
    log.error({ method, connId: connection?.id, err: error }, "a request failed unexpectedly");
    return new GatewayError("UNAVAILABLE", "internal error; see the gateway log", { cause: error });
  }

  return {
    call: (dialect, method, params, call) => {
      const spec: MethodSpec | undefined =
        dialect.methods.get(method) ?? (method === "connect" ? connectMethods.connect : undefined);
      const refusal = authorize(call.principal, method, spec);
      if (refusal) {
        if (spec) onDenied(call, method, refusal);
        throw refusal;
      }
      const handler = spec && (ofProtocolOne.get(spec) ?? table.get(method));
      if (!handler) {
        throw new GatewayError(
          "INVALID_REQUEST",
          method === "connect" ? "connect is only valid as the first request" : `unknown method: ${method}`,
        );
      }
      const given = withDefaults(renameAliases(params ?? {}, spec.aliases), dialect.defaultParams.get(method));
      const parsed = parserOf(dialect, method, spec).safeParse(given, { reportInput: true });
      if (!parsed.success) {
        throw new GatewayError(
          "INVALID_REQUEST",
          `invalid ${method} params: ${describeIssues(parsed.error.issues, dialect.enumWords)}`,
        );
      }
      try {
        const result = handler(parsed.data, spec.progress ? { progress: () => {}, ...call } : call);
        if (!(result instanceof Promise)) return result;
        return result.catch((error: unknown) => {
          throw asGatewayError(error, method, call);
        });
      } catch (error) {
        throw asGatewayError(error, method, call);
      }
    },
  };
}

function byDefinition<G extends MethodGroup>(specs: G, handlers: Handlers<G>): [MethodSpec, AnyHandler][] {
  return (Object.entries(handlers) as [keyof G & string, AnyHandler][]).map(([name, handler]) => [
    specs[name]!,
    handler,
  ]);
}

const withDefaults = (params: unknown, defaults: Readonly<Record<string, unknown>> | undefined): unknown =>
  defaults && typeof params === "object" && params !== null && !Array.isArray(params)
    ? { ...defaults, ...params }
    : params;
