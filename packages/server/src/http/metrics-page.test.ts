import { describe, expect, test } from "vitest";
import { checkExposition } from "../testing/exposition-rules.ts";
import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const bearer = { Authorization: "Bearer secret" };
const start = (gateway: object = {}) =>
  startTestGateway(
    createScriptedRuntime(() => answer("hi")),
    { config: { gateway } },
  );

describe("GET /metrics", () => {
  test("is a page that Prometheus reads without a complaint, of what has happened", async () => {
    await using gateway = await start();
    using client = await openSocket(gateway.url);
    await client.connect();
    client.send({ type: "req", id: "h", method: "health", params: {} });
    await client.answer("h");
    client.send({ type: "req", id: "made-up", method: "x".repeat(200), params: {} });
    await client.answer("made-up");
    client.send({
      type: "req",
      id: "s",
      method: "agent",
      params: { sessionKey: "agent:main:secret-name", message: "hello", idempotencyKey: "run-1" },
    });
    await client.answer("s");
    client.send({ type: "req", id: "w", method: "agent.wait", params: { runId: "run-1" } });
    await client.answer("w");
    await fetch(`${gateway.url}no/such/${"y".repeat(50)}`);
    await fetch(`${gateway.url}healthz`);
    await fetch(`${gateway.url}metrics`, { headers: bearer });

    const response = await fetch(`${gateway.url}metrics`, { headers: bearer });
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const page = await response.text();
    const { families, problems } = checkExposition(page);
    expect(problems).toEqual([]);
    const valueOf = (name: string, labels: Record<string, string> = {}): number | undefined =>
      families
        .flatMap(({ samples }) => samples)
        .find((sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
    expect(valueOf("openclaw_requests_total", { method: "health", code: "OK" })).toBe(1);
    expect(valueOf("openclaw_requests_total", { method: "unknown", code: "INVALID_REQUEST" })).toBe(1);
    expect(valueOf("openclaw_request_duration_seconds_count", { method: "health" })).toBe(1);
    expect(valueOf("openclaw_handshakes_total", { outcome: "ok" })).toBe(1);
    expect(valueOf("openclaw_connections", { protocol: "4" })).toBe(1);
    expect(valueOf("openclaw_turns_total", { outcome: "done" })).toBe(1);
    expect(valueOf("openclaw_turn_first_token_seconds_count")).toBe(1);
    expect(valueOf("openclaw_database_writes_total", { outcome: "ok" })).toBeGreaterThan(0);
    expect(valueOf("openclaw_http_requests_total", { route: "other", method: "GET", status: "404" })).toBe(1);
    expect(valueOf("openclaw_http_requests_total", { route: "/healthz", method: "GET", status: "200" })).toBe(1);
    expect(valueOf("openclaw_events_delivered_total")).toBeGreaterThan(0);
    expect(valueOf("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
    // Nothing that somebody outside can choose.
    expect(page).not.toMatch(/secret-name|run-1|xxx|yyy|127\.0\.0\.1/);
  });

  test.each([
    ["without a credential", {}, {}, 401],
    ["with a wrong one", {}, { Authorization: "Bearer wrong" }, 401],
    ["with the right to read", {}, { Authorization: "Bearer secret", "x-openclaw-scopes": "operator.read" }, 200],
    ["where there is none", { metrics: { enabled: false } }, bearer, 404],
    ["from this machine, where that is allowed", { metrics: { allowLoopback: true } }, {}, 200],
    ["from a page on this machine", { metrics: { allowLoopback: true } }, { Origin: "http://localhost:3000" }, 401],
    [
      "through a proxy on this machine",
      { metrics: { allowLoopback: true } },
      { "X-Forwarded-For": "203.0.113.9" },
      401,
    ],
  ])("%s", async (_, gateway, headers, status) => {
    await using test = await start(gateway);
    expect((await fetch(`${test.url}metrics`, { headers })).status).toBe(status);
  });

  test("every answer over HTTP has an id, the caller's where there is one", async () => {
    await using gateway = await start();
    const given = await fetch(`${gateway.url}healthz`, { headers: { "x-request-id": "mine-1" } });
    expect(given.headers.get("x-request-id")).toBe("mine-1");
    expect((await fetch(`${gateway.url}readyz`)).headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

test.each([
  ["a_seconds 1\n", "no HELP and TYPE"],
  ["# HELP a b\n# TYPE a counter\na 1\n", "_total is for counters"],
  ["# HELP a_ms b\n# TYPE a_ms gauge\na_ms 1\n", "base units"],
  ["# HELP a b\n# TYPE a gauge\na 1\na 2\n", "twice"],
  ['# HELP a b\n# TYPE a gauge\na{b="c} 1\n', "no sample"],
  ['# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n', "do not rise"],
])("the rules see what is wrong with %j", (page, problem) => {
  expect(checkExposition(page).problems.join()).toContain(problem);
});
