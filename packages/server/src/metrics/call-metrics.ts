import { GatewayError, methods, protocolOneMethods } from "@openclaw-gateway/protocol";
import type { Router } from "../rpc/router.ts";
import { createDistribution, type Instrument, requestSeconds } from "./instruments.ts";

const known: ReadonlySet<string> = new Set([...Object.keys(methods), ...Object.keys(protocolOneMethods)]);

/** One name for everything that is no method, whatever a caller makes up. */
const unknown = "unknown";

/**
 * Counts and times every call of a router by method and code. This runs for each request, so a method has its numbers in one
 * place and nothing is made for a call.
 */
export function createCallMetrics(router: Router): { router: Router; instrument: Instrument } {
  const byMethod = new Map<string, { codes: Map<string, number>; seconds: ReturnType<typeof createDistribution> }>();

  function count(method: string, code: string, begunMs: number): void {
    const name = known.has(method) ? method : unknown;
    let numbers = byMethod.get(name);
    if (!numbers) byMethod.set(name, (numbers = { codes: new Map(), seconds: createDistribution(requestSeconds) }));
    numbers.codes.set(code, (numbers.codes.get(code) ?? 0) + 1);
    numbers.seconds.observe((performance.now() - begunMs) / 1_000);
  }
  const codeOf = (error: unknown): string => (error instanceof GatewayError ? error.code : "UNAVAILABLE");

  return {
    router: {
      call: (dialect, method, params, call) => {
        const begunMs = performance.now();
        try {
          const result = router.call(dialect, method, params, call);
          if (result instanceof Promise)
            result.then(
              () => count(method, "OK", begunMs),
              (error: unknown) => count(method, codeOf(error), begunMs),
            );
          else count(method, "OK", begunMs);
          return result;
        } catch (error) {
          count(method, codeOf(error), begunMs);
          throw error;
        }
      },
    },
    instrument: {
      write: (lines) => {
        lines.push(
          "# HELP openclaw_requests_total Calls of methods through any entrance, by method and code; OK when answered.",
        );
        lines.push("# TYPE openclaw_requests_total counter");
        for (const [method, { codes }] of byMethod)
          for (const [code, number] of codes)
            lines.push(`openclaw_requests_total{method="${method}",code="${code}"} ${number}`);
        lines.push("# HELP openclaw_request_duration_seconds Time from a call to its last answer.");
        lines.push("# TYPE openclaw_request_duration_seconds histogram");
        for (const [method, { seconds }] of byMethod)
          seconds.write(lines, "openclaw_request_duration_seconds", ["method"], [method]);
      },
    },
  };
}
