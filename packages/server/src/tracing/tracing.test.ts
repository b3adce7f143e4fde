import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { answer, assistantMessage, createScriptedRuntime, scriptedModel } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { wantsTraces } from "./tracing.ts";

type Attribute = { key: string; value: { stringValue?: string; intValue?: string | number } };
type Span = { name: string; traceId: string; spanId: string; parentSpanId?: string; attributes: Attribute[] };
type Export = {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
};

afterEach(() => vi.unstubAllEnvs());

/** Takes what an OTLP exporter sends over HTTP. */
async function startReceiver() {
  const received: Export[] = [];
  const headers: unknown[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      if (request.url === "/v1/traces") received.push(JSON.parse(body));
      headers.push(request.headers["x-key"]);
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    headers,
    received,
    spans: () =>
      received
        .flatMap(({ resourceSpans }) => resourceSpans.flatMap((each) => each.scopeSpans))
        .flatMap(({ spans }) => spans),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

async function startTraced(url: string) {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=of-the-collector",
    OTEL_SERVICE_NAME: "my-gateway",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const runtime = createScriptedRuntime(async function* () {
    yield { type: "model", model: scriptedModel };
    yield { type: "usage", usage: assistantMessage("").usage, model: scriptedModel };
    yield { type: "tool-start", toolCallId: "t1", name: "read", args: { path: "private-argument" } };
    yield {
      type: "tool-end",
      toolCallId: "t1",
      name: "read",
      isError: false,
      result: { content: [{ type: "text", text: "private-result" }] },
    };
    yield* answer("private-answer");
  });
  return startTestGateway(runtime, {
    environment,
    config: { gateway: { http: { endpoints: { chatCompletions: { enabled: true } } } } },
  });
}

const attributesOf = (span: Span | undefined): Record<string, unknown> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

test("one trace holds the request, the call, the turn, its models and its tools, below the caller's span", async () => {
  await using receiver = await startReceiver();
  const gateway = await startTraced(receiver.url);
  const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  const response = await fetch(`${gateway.url}v1/chat/completions`, {
    method: "POST",
    headers: {
      Authorization: "Bearer secret",
      "Content-Type": "application/json",
      traceparent: `00-${caller.traceId}-${caller.spanId}-01`,
    },
    body: JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: "private-question" }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  await gateway[Symbol.asyncDispose]();

  const spans = receiver.spans().filter(({ traceId }) => traceId === caller.traceId);
  const named = (name: string): Span[] => spans.filter((span) => span.name === name);
  const [request] = named("POST /v1/chat/completions");
  const [turn] = named("turn");
  expect(request?.parentSpanId).toBe(caller.spanId);
  const call = spans.find(({ spanId }) => spanId === turn?.parentSpanId);
  expect(attributesOf(call)["rpc.method"]).toBe(call?.name);
  expect(call?.parentSpanId).toBe(request?.spanId);
  expect(attributesOf(turn)).toMatchObject({ "openclaw.agent_id": "main", "openclaw.outcome": "done" });
  for (const name of ["model", "tool"]) {
    expect(named(name).length).toBeGreaterThan(0);
    expect(named(name).every(({ parentSpanId }) => parentSpanId === turn?.spanId)).toBe(true);
  }
  expect(named("model")).toHaveLength(2);
  expect(attributesOf(named("model")[0])).toMatchObject({
    "gen_ai.request.model": "model-1",
    "gen_ai.usage.input_tokens": 10,
  });
  const service = receiver.received[0]?.resourceSpans[0]?.resource.attributes.find(({ key }) => key === "service.name");
  expect(service?.value.stringValue).toBe("my-gateway");
  expect(receiver.headers[0]).toBe("of-the-collector");
  // Names and numbers, and nothing of what was said or shown.
  expect(JSON.stringify(receiver.received)).not.toMatch(/private-|Bearer|secret/);
});

test("a turn asked for over a socket belongs to the call that asked, whoever ran before it", async () => {
  await using receiver = await startReceiver();
  const gateway = await startTraced(receiver.url);
  using client = await openSocket(gateway.url);
  await client.connect();
  for (const runId of ["r1", "r2"]) {
    const params = { sessionKey: "agent:main:main", message: "hello", idempotencyKey: runId };
    client.send({ type: "req", id: runId, method: "chat.send", params });
  }
  for (const runId of ["r1", "r2"]) await client.answer(runId);
  for (const runId of ["r1", "r2"]) {
    client.send({ type: "req", id: `w${runId}`, method: "agent.wait", params: { runId } });
    await client.answer(`w${runId}`);
  }
  client.send({ type: "req", id: "x", method: "made-up-secret", params: {} });
  await client.answer("x");
  await gateway[Symbol.asyncDispose]();

  const spans = receiver.spans();
  const turns = spans.filter(({ name }) => name === "turn");
  const parents = turns.map(({ parentSpanId }) => spans.find(({ spanId }) => spanId === parentSpanId));
  expect(parents.map((parent) => parent?.name)).toEqual(["chat.send", "chat.send"]);
  expect(new Set(turns.map(({ traceId }) => traceId)).size).toBe(2);
  expect(spans.find(({ name }) => name === "unknown")).toBeDefined();
  expect(JSON.stringify(receiver.received)).not.toContain("made-up-secret");
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:4318/v1/traces" }, true],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_TRACES_EXPORTER: "none" }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_SDK_DISABLED: "true" }, false],
  [{ OTEL_SERVICE_NAME: "only a name" }, false],
])("%j asks for traces: %s", (environment, wanted) => {
  expect(wantsTraces(environment)).toBe(wanted);
});
