import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { scopes } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { createLiveAccess } from "../../auth/grant.ts";
import { systemClock } from "../../platform/clock.ts";
import { silentLog } from "../../testing/silent-log.ts";
import { toPeer } from "../peer.ts";
import { createApi } from "./api.ts";
import { streamEvents } from "./sse.ts";

test("T-C3: a stream over HTTP ends with what let its caller in, and no other does", async () => {
  const liveAccess = createLiveAccess();
  const held = new Set(["old", "new"]);
  const over: string[] = [];
  const api = createApi({
    routes: [
      {
        method: "GET",
        path: "/v1/stream",
        isOffered: () => true,
        needs: "health",
        maxBodyBytes: () => 0,
        answer: async ({ clock, principal }) =>
          streamEvents(clock, async ({ send, signal }) => {
            await send({ data: "first" });
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            over.push(principal.displayName);
          }),
      },
    ],
    callerOf: async (bearer = "") => ({
      id: "shared:http",
      role: "operator",
      scopes,
      displayName: bearer,
      grant: { holds: () => held.has(bearer) },
      causedByAgent: false,
    }),
    liveAccess,
    peerOf: (request) => toPeer(request, []),
    call: () => Promise.reject(new Error("not called")),
    config: () => ({}),
    allowedOrigins: () => [],
    clock: systemClock,
    log: silentLog,
  });
  const server = createAdaptorServer({
    fetch: async (request, env) => (await api(request, env as never)) ?? new Response(null, { status: 404 }),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = async (authorization: string) => {
    const { body } = await fetch(`http://127.0.0.1:${port}/v1/stream`, { headers: { authorization } });
    const reader = body!.getReader();
    await reader.read();
    return reader;
  };
  const [old, other] = [await open("old"), await open("new")];
  expect(liveAccess.size).toBe(2);
  held.delete("old");
  liveAccess.endSessions(({ grant }) => grant?.holds() === false);
  await expect(old.read()).rejects.toThrow("terminated");
  await expect.poll(() => over).toEqual(["old"]);
  expect(liveAccess.size).toBe(1);
  await other.cancel();
  await expect.poll(() => liveAccess.size).toBe(0);
  server.close();
});
