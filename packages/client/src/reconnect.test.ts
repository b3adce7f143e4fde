import { describe, expect, test } from "vitest";
import {
  connectScriptedClient,
  createManualClock,
  createScriptedClient,
  rejectionOf,
  untilState,
} from "./testing/index.ts";

describe("a lost link", () => {
  test("rejects what was sent, keeps what was not, and comes back", async () => {
    await using scripted = await connectScriptedClient();
    const { server, client, gateway } = scripted;
    const states: string[] = [];
    client.onState(({ at }) => states.push(at));
    const sent = rejectionOf(client.request("health"));
    await gateway.receive("health");
    const waiting = untilState(client, "waiting");
    gateway.close(1012, "service restart");
    expect(await waiting).toMatchObject({ attempt: 1, lastError: { message: "service restart", closeCode: 1012 } });
    expect(await sent).toMatchObject({ reason: "closed", closeCode: 1012 });
    expect(client.hello).toBeUndefined();
    const held = client.request("status");
    const again = await server.accept();
    await again.welcome();
    // The first request of the new link is the held one: the lost one is not sent again.
    again.respond(await again.receive("status"), { back: true });
    expect(await held).toEqual({ back: true });
    expect(states).toEqual(["waiting", "opening", "handshaking", "handshaking", "ready"]);
  });

  test("without reconnect is the end", async () => {
    await using scripted = await connectScriptedClient({ reconnect: false });
    const { client, gateway } = scripted;
    const stopped = untilState(client, "stopped");
    gateway.terminate();
    expect(await stopped).toMatchObject({ reason: "lost", error: { closeCode: 1006 } });
  });

  test("a gateway that is not there: the client goes on until it is closed", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    await server.close();
    const connecting = rejectionOf(client.connect());
    const waiting = await untilState(client, "waiting");
    expect(waiting).toMatchObject({ lastError: { message: expect.stringContaining("ECONNREFUSED") } });
    await client.close();
    expect(await connecting).toMatchObject({ reason: "closed", message: "the client was closed" });
    expect(client.state).toEqual({ at: "stopped", reason: "closed-by-user", error: undefined });
  });

  test("delays double to the longest one; connect() says what the last attempt met", async () => {
    const clock = createManualClock(1_000);
    const options = { clock, random: () => 0.5, connectTimeoutMs: 100_000, reconnect: true };
    await using scripted = await createScriptedClient(options);
    const { server, client } = scripted;
    const delays: number[] = [];
    client.onState((state) => {
      if (state.at === "waiting") delays.push(state.retryAtMs - clock.now());
    });
    const connecting = client.connect();
    for (let round = 0; round < 7; round++) {
      const waiting = untilState(client, "waiting");
      (await server.accept()).terminate();
      await waiting;
      if (round < 6) clock.advance(delays.at(-1) ?? 0);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    const refused = rejectionOf(connecting);
    clock.advance(100_000);
    expect(await refused).toMatchObject({
      message: "Connection timeout after 100000ms",
      cause: { closeCode: 1006 },
    });
  });

  test("a closed client can begin anew", async () => {
    await using scripted = await connectScriptedClient();
    const { server, client, gateway } = scripted;
    await client.close();
    expect(await gateway.closed).toEqual({ code: 1000, reason: "client closed" });
    const connecting = client.connect();
    await (await server.accept()).welcome();
    await connecting;
    expect(client.state.at).toBe("ready");
  });
});

describe("deadlines", () => {
  test("connect() gives up after its time and says so; the client goes on", async () => {
    const clock = createManualClock();
    await using scripted = await createScriptedClient({ clock });
    const { server, client } = scripted;
    const connecting = rejectionOf(client.connect());
    // It accepts and then says nothing.
    const gateway = await server.accept();
    await untilState(client, "handshaking");
    clock.advance(10_000);
    expect(await connecting).toMatchObject({ reason: "timeout", message: "Connection timeout after 10000ms" });
    expect(client.state.at).toBe("handshaking");
    clock.advance(5_000);
    expect(client.state).toMatchObject({
      at: "waiting",
      lastError: { message: "no connect.challenge within 15000ms" },
    });
    expect(await gateway.closed).toMatchObject({ code: 4000 });
  });

  test("without reconnect the time of connect() is the end", async () => {
    const clock = createManualClock();
    await using scripted = await createScriptedClient({ clock, reconnect: false, connectTimeoutMs: 200 });
    const { server, client } = scripted;
    const connecting = rejectionOf(client.connect());
    const gateway = await server.accept();
    await untilState(client, "handshaking");
    clock.advance(200);
    expect(await connecting).toMatchObject({ message: "Connection timeout after 200ms" });
    expect(client.state).toMatchObject({ at: "stopped", reason: "lost" });
    await gateway.closed;
    expect(clock.waiting).toBe(0);
  });

  test("connect that is never answered", async () => {
    const clock = createManualClock();
    await using scripted = await createScriptedClient({ clock });
    const { server, client } = scripted;
    client.connect().catch(() => {});
    const gateway = await server.accept();
    gateway.event("connect.challenge", { nonce: "n", ts: 1 });
    await gateway.receive("connect");
    clock.advance(10_000);
    expect(client.state).toMatchObject({
      at: "waiting",
      lastError: { message: "no answer to connect within 10000ms" },
    });
  });
});
