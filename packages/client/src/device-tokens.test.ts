import { describe, expect, test, vi } from "vitest";
import type { DeviceTokens, NodeClientOptions } from "./index.ts";
import { connectScriptedClient, createScriptedClient, rejectionOf, untilState } from "./testing/index.ts";

const signDevice: NonNullable<NodeClientOptions["signDevice"]> = ({ signedAtMs, token }) => ({
  id: "device-1",
  publicKey: "key",
  // Says what was signed.
  signature: token,
  signedAt: signedAtMs,
});

/** A store that keeps one token and tells what happened. */
function createStore(first?: string) {
  const events: string[] = [];
  let token = first;
  const store: DeviceTokens = {
    read: () => token,
    keep: (next) => {
      events.push(`keep ${next}`);
      token = next;
    },
    drop: () => {
      events.push("drop");
      token = undefined;
    },
  };
  return { store, events };
}

const mismatch = {
  message: "unauthorized: device token mismatch (rotate/reissue device token)",
  details: { code: "AUTH_DEVICE_TOKEN_MISMATCH" },
};

describe("tokens of a device", () => {
  test("a given token is kept and shown next time in the place of the shared one", async () => {
    const { store, events } = createStore();
    await using scripted = await connectScriptedClient(
      { signDevice, deviceTokens: store, password: "word" },
      { auth: { role: "operator", scopes: [], deviceToken: "mine" } },
    );
    const { server, client, gateway } = scripted;
    expect(events).toEqual(["keep mine"]);
    gateway.terminate();
    const again = await server.accept();
    const request = await again.welcome({ auth: { role: "operator", scopes: [], deviceToken: "mine" } });
    expect(request.params).toMatchObject({ device: { signature: "mine" } });
    expect(request.params).toHaveProperty("auth", { token: "mine" });
    await untilState(client, "ready");
    // The same one is not written again; a new one is.
    again.terminate();
    await (await server.accept()).welcome({ auth: { role: "operator", scopes: [], deviceToken: "newer" } });
    await untilState(client, "ready");
    expect(events).toEqual(["keep mine", "keep newer"]);
  });

  test.each(["refusal", "close"])("a refused one is dropped and the shared one follows at once (%s)", async (how) => {
    const { store, events } = createStore("stale");
    // Not a matter of reconnecting.
    await using scripted = await createScriptedClient({ signDevice, deviceTokens: store, reconnect: false });
    const { server, client } = scripted;
    const connecting = client.connect();
    const first = await server.accept();
    first.event("connect.challenge", { nonce: "n", ts: 1 });
    const request = await first.receive("connect");
    expect(request.params).toHaveProperty("auth", { token: "stale" });
    if (how === "refusal") first.refuse(request, mismatch);
    else first.close(1008, mismatch.message);
    const second = await (await server.accept()).welcome();
    expect(second.params).toHaveProperty("auth", { token: "secret" });
    expect(await connecting).toMatchObject({ type: "hello-ok" });
    expect(events).toEqual(["drop"]);
  });

  test("a refused one is not shown again, even when the store cannot forget it; the shared one has the last word", async () => {
    const drop = vi.fn<() => Promise<void>>().mockRejectedValue(new Error("read-only"));
    const deviceTokens = { read: () => "stale", keep: () => {}, drop };
    await using scripted = await createScriptedClient({ signDevice, deviceTokens });
    const { server, client } = scripted;
    const connecting = rejectionOf(client.connect());
    for (const token of ["stale", "secret"]) {
      const gateway = await server.accept();
      gateway.event("connect.challenge", { nonce: "n", ts: 1 });
      const request = await gateway.receive("connect");
      expect(request.params).toHaveProperty("auth", { token });
      gateway.refuse(request, mismatch);
    }
    expect(await connecting).toMatchObject({ name: "GatewayError", message: mismatch.message });
    expect(client.state).toMatchObject({ at: "stopped", reason: "auth-rejected" });
    expect(drop).toHaveBeenCalledOnce();
  });
});

describe("the first connection", () => {
  test("is not tried again where that was asked for; a lost one is", async () => {
    await using scripted = await createScriptedClient({ retryFirstConnect: false });
    const { server, client } = scripted;
    const failed = rejectionOf(client.connect());
    (await server.accept()).terminate();
    expect(await failed).toMatchObject({ name: "ConnectionError", closeCode: 1006 });
    expect(client.state).toMatchObject({ at: "stopped", reason: "lost" });

    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    gateway.terminate();
    (await server.accept()).terminate();
    await (await server.accept()).welcome();
    await untilState(client, "ready");
  });
});
