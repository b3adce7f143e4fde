import { request } from "node:http";
import { clientIds, clientModes } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";

import { answer, createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const start = () => startTestGateway(createScriptedRuntime(() => answer("hi")));

/** Asks for a WebSocket as a browser does, and reads what comes in its place. */
function refusalOf(port: number, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const upgrade = request({
      port,
      host: "127.0.0.1",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    upgrade.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    upgrade.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, body: "" });
    });
    upgrade.on("error", reject);
    upgrade.end();
  });
}

test.each([
  ["another site", { origin: "http://evil.example" }],
  ["a name that leads here, DNS rebinding", { origin: "http://evil.example", host: "evil.example" }],
  ["a sandboxed page", { origin: "null" }],
])("T-A2: a page of %s gets no socket, and is told the setting that would allow it", async (_, headers) => {
  await using test = await start();
  const { status, body } = await refusalOf(test.port, headers);
  expect(status).toBe(403);
  expect(JSON.parse(body)).toMatchObject({
    error: {
      type: "origin_not_allowed",
      message: expect.stringContaining("gateway.controlUi.allowedOrigins"),
      setting: { gateway: { controlUi: { allowedOrigins: [headers.origin] } } },
    },
  });
});

test("T-A2: whatever client it claims to be", async () => {
  await using test = await start();
  // The refusal comes before anything could be claimed; with the right origin each of them gets as far as the handshake.
  for (const id of clientIds) {
    for (const mode of clientModes) {
      const { status } = await refusalOf(test.port, { origin: "http://evil.example", "user-agent": `${id} ${mode}` });
      expect(status).toBe(403);
    }
  }
  using own = await openSocket(test.url, { origin: `http://127.0.0.1:${test.port}` });
  expect((await own.connect()).ok).toBe(true);
});

test("a token in the address is taken for the handshake, and only there", async () => {
  await using test = await start();
  using client = await openSocket(`${test.url}?token=secret`);
  expect((await client.connect({ auth: {} })).ok).toBe(true);
  using wrong = await openSocket(`${test.url}?token=guess`);
  const refused = await wrong.connect({ auth: {} });
  expect(refused).toMatchObject({ ok: false, error: { details: { code: "AUTH_TOKEN_MISMATCH" } } });
  expect(JSON.stringify(refused)).not.toContain("guess");
});
