import { AsyncLocalStorage } from "node:async_hooks";
import type * as Api from "@opentelemetry/api";
import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import { GatewayError, methods, protocolOneMethods } from "@openclaw-gateway/protocol";
import type { MiddlewareHandler } from "hono";
import { routeOf } from "../http/route-of.ts";
import type { Log } from "../platform/log.ts";
import type { Router } from "../rpc/router.ts";
import type { TurnWatch } from "../turns/turn-watch.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Sdk = { api: typeof Api; tracer: Tracer; close(): Promise<void> };

/** What of the gateway is seen as spans. Attributes are names and numbers: no text of a message, result or error. */
export interface Tracing {
  /** Resolves when spans are made from now on; never rejects. */
  readonly loaded: Promise<void>;
  readonly http: MiddlewareHandler;
  readonly turnWatch: TurnWatch;
  traceRouter(router: Router): Router;
  /** Sends what is left. */
  close(): Promise<void>;
}

const knownMethods: ReadonlySet<string> = new Set([...Object.keys(methods), ...Object.keys(protocolOneMethods)]);
/** Asked every few seconds by machines. */
const unseenRoutes: ReadonlySet<string> = new Set(["/healthz", "/health", "/readyz", "/ready", "/metrics"]);

/** Whether the standard variables ask for traces. */
export function wantsTraces(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment;
  if (disabled?.toLowerCase() === "true" || exporter === "none") return false;
  const address = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  return exporter === "otlp" || Boolean(address);
}

/** Spans of inbound requests, calls, turns, models and tools; undefined where nobody asks for them, and then nothing is loaded. */
export function createTracing(environment: Environment, log: Log): Tracing | undefined {
  if (!wantsTraces(environment)) return undefined;
  const current = new AsyncLocalStorage<Context>();
  let sdk: Sdk | undefined;
  const loaded = Promise.all([import("@opentelemetry/api"), import("./open-tracer.ts")]).then(
    ([api, { openTracer }]) => {
      sdk = { api, ...openTracer(environment) };
    },
    (error: unknown) => log.error({ err: error }, "traces cannot be sent"),
  );

  /** Begins a span below `parent`, else below what is going on here, else a trace of its own. */
  function begin({ api, tracer }: Sdk, name: string, attributes: Attributes, isInbound: boolean, parent?: Context) {
    const above = parent ?? current.getStore() ?? api.ROOT_CONTEXT;
    const kind = isInbound ? api.SpanKind.SERVER : api.SpanKind.INTERNAL;
    const span = tracer.startSpan(name, { kind, attributes }, above);
    return { span, context: api.trace.setSpan(above, span) };
  }

  const endWith = ({ api }: Sdk, span: Span, error?: unknown): void => {
    if (error !== undefined) {
      const code = error instanceof GatewayError ? error.code : "UNAVAILABLE";
      span.setAttribute("error.type", code);
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    }
    span.end();
  };

  return {
    loaded,
    http: async (c, next) => {
      const route = routeOf(c.req.path);
      if (!sdk || unseenRoutes.has(route)) return next();
      const parent = parentOf(sdk, c.req.header("traceparent"));
      const attributes = { "http.request.method": c.req.method, "http.route": route };
      const { span, context } = begin(sdk, `${c.req.method} ${route}`, attributes, true, parent);
      await current.run(context, next);
      span.setAttribute("http.response.status_code", c.res.status);
      if (c.res.status >= 500) span.setStatus({ code: sdk.api.SpanStatusCode.ERROR });
      span.end();
      return undefined;
    },
    traceRouter: (router) => ({
      call: (dialect, method, params, call) => {
        const now = sdk;
        if (!now) return router.call(dialect, method, params, call);
        const name = knownMethods.has(method) ? method : "unknown";
        const connection = call.connection && { "openclaw.connection_id": call.connection.id };
        const { span, context } = begin(
          now,
          name,
          { "rpc.method": name, ...connection },
          current.getStore() === undefined,
        );
        return current.run(context, () => {
          try {
            const result = router.call(dialect, method, params, call);
            if (!(result instanceof Promise)) endWith(now, span);
            else
              result.then(
                () => endWith(now, span),
                (error: unknown) => endWith(now, span, error ?? "failed"),
              );
            return result;
          } catch (error) {
            endWith(now, span, error ?? "failed");
            throw error;
          }
        });
      },
    }),
    turnWatch: {
      begin: ({ runId, agentId, input }) => {
        const now = sdk;
        if (!now) return { event: () => {}, end: () => {} };
        const about = { "openclaw.run_id": runId, "openclaw.agent_id": agentId, "openclaw.source": input.source };
        const turn = begin(now, "turn", about, false);
        const below = (name: string, attributes: Attributes = {}): Span =>
          begin(now, name, attributes, false, turn.context).span;
        const tools = new Map<string, Span>();
        let model: Span | undefined;
        const fail = (span: Span | undefined, type: string): void => {
          span?.setAttribute("error.type", type);
          span?.setStatus({ code: now.api.SpanStatusCode.ERROR });
          span?.end();
        };
        return {
          event: (event) => {
            switch (event.type) {
              case "model":
                model?.end();
                model = below("model", {
                  "gen_ai.operation.name": "chat",
                  "gen_ai.provider.name": event.model.provider,
                  "gen_ai.request.model": event.model.id,
                });
                return;
              case "text":
              case "reasoning":
                model ??= below("model", { "gen_ai.operation.name": "chat" });
                return;
              case "usage":
                // A call that says nothing before its numbers began at a time that is not known any more.
                model ??= below("model", { "gen_ai.operation.name": "chat" });
                model.setAttributes({
                  "gen_ai.provider.name": event.model.provider,
                  "gen_ai.request.model": event.model.id,
                  "gen_ai.usage.input_tokens": event.usage.input,
                  "gen_ai.usage.output_tokens": event.usage.output,
                });
                model.end();
                model = undefined;
                return;
              case "retry":
              case "fallback":
                fail(model, event.type);
                model = undefined;
                return;
              case "tool-start":
                return void tools.set(event.toolCallId, below("tool", { "gen_ai.tool.name": event.name }));
              case "tool-end": {
                const tool = tools.get(event.toolCallId);
                tools.delete(event.toolCallId);
                if (event.isError) fail(tool, "tool");
                else tool?.end();
                return;
              }
              default:
                return;
            }
          },
          end: (state, ended) => {
            for (const tool of tools.values()) fail(tool, state);
            if (ended.type === "error") fail(model, ended.kind);
            else model?.end();
            turn.span.setAttribute("openclaw.outcome", state);
            if (ended.type === "error") fail(turn.span, ended.kind);
            else turn.span.end();
          },
        };
      },
    },
    close: async () => {
      await loaded;
      await sdk?.close();
    },
  };
}

/** The span of a caller, from the header `traceparent` (W3C Trace Context). */
function parentOf({ api }: Sdk, header: string | undefined): Context | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!api.isSpanContextValid(spanContext)) return undefined;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, spanContext);
}
