import type { Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { gatewayVersion } from "../version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Sends spans to the address that the standard variables name; address, headers and time limits are read by the exporter. */
export function openTracer(environment: Environment): { tracer: Tracer; close(): Promise<void> } {
  const delayMs = Number(environment["OTEL_BSP_SCHEDULE_DELAY"] ?? Number.NaN);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": "openclaw-gateway", "service.version": gatewayVersion }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: samplerOf(environment),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        ...(delayMs >= 0 && { scheduledDelayMillis: delayMs }),
      }),
    ],
  });
  return {
    tracer: provider.getTracer("openclaw-gateway", gatewayVersion),
    // An address that nobody answers at must not hold up a stop.
    close: () => provider.forceFlush({ timeoutMillis: 2_000 }).catch(() => undefined),
  };
}

function samplerOf({ OTEL_TRACES_SAMPLER: name = "", OTEL_TRACES_SAMPLER_ARG: ratio }: Environment): Sampler {
  const root = name.endsWith("always_off")
    ? new AlwaysOffSampler()
    : name.endsWith("traceidratio")
      ? new TraceIdRatioBasedSampler(Number(ratio ?? 1))
      : new AlwaysOnSampler();
  return name === "" || name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}
