import { describe, expect, test } from "vitest";
import { ConnectionError, GatewayError, type EventFrame, type Gap } from "./index.ts";
import { connectScriptedClient, createScriptedClient, rejectionOf, untilState } from "./testing/index.ts";

describe("events", () => {
  test("reach their listeners until those are taken away", async () => {
    await using scripted = await connectScriptedClient();
    const { client, gateway } = scripted;
    const texts: string[] = [];
    const frames: EventFrame[] = [];
    const off = client.on("chat", ({ state }) => texts.push(state));
    client.onEvent((frame) => frames.push(frame));
    const ticks: number[] = [];
    const ticked = new Promise<void>((resolve) => {
      client.on("tick", ({ ts }) => {
        ticks.push(ts);
        if (ts === 2) resolve();
      });
    });
    gateway.event("chat", { state: "delta" }, { seq: 1 });
    gateway.event("plugin.custom", null, { seq: 2 });
    gateway.event("tick", { ts: 1 });
    gateway.event("tick", { ts: 2 });
    await ticked;
    off();
    off();
    expect(texts).toEqual(["delta"]);
    expect(ticks).toEqual([1, 2]);
    expect(frames.map(({ event, seq }) => [event, seq])).toEqual([
      ["chat", 1],
      ["plugin.custom", 2],
      ["tick", undefined],
      ["tick", undefined],
    ]);
  });

  test("a gap in the numbers is told once, per link", async () => {
    await using scripted = await connectScriptedClient();
    const { server, client, gateway } = scripted;
    const gaps: Gap[] = [];
    client.onGap((gap) => gaps.push(gap));
    const tick = (ts: number): Promise<void> =>
      new Promise((resolve) => {
        const off = client.on("tick", (payload) => {
          if (payload.ts !== ts) return;
          off();
          resolve();
        });
      });
    const first = tick(9);
    for (const seq of [5, 6, 9, 10]) gateway.event("health", {}, { seq });
    gateway.event("tick", { ts: 9 });
    await first;
    expect(gaps).toEqual([{ expected: 7, received: 9 }]);
    gateway.terminate();
    const again = await server.accept();
    await again.welcome();
    const second = tick(1);
    again.event("health", {}, { seq: 100 });
    again.event("tick", { ts: 1 });
    await second;
    expect(gaps).toHaveLength(1);
  });
});

describe("subscriptions", () => {
  test("are made again on every link, before held requests, until they are stopped", async () => {
    await using scripted = await connectScriptedClient();
    const { server, client, gateway } = scripted;
    const subscription = client.subscribe("sessions.messages.subscribe", { key: "main" });
    const other = client.subscribe("sessions.messages.subscribe", { key: "side" });
    const [main, side] = [await gateway.receive("sessions.messages.subscribe"), await gateway.receive()];
    gateway.respond(main, { subscribed: true, key: "agent:main:main" });
    gateway.respond(side, { subscribed: true, key: "agent:main:side" });
    expect(await subscription.ready).toEqual({ subscribed: true, key: "agent:main:main" });
    await other.ready;
    other.stop();
    expect(await gateway.receive("sessions.messages.unsubscribe")).toMatchObject({ params: { key: "side" } });
    gateway.terminate();
    await untilState(client, "waiting");
    const held = client.request("health");
    const again = await server.accept();
    await again.welcome();
    const replayed = await again.receive("sessions.messages.subscribe");
    expect(replayed.params).toEqual({ key: "main" });
    again.respond(replayed, { subscribed: true, key: "agent:main:main" });
    again.respond(await again.receive("health"), {});
    await held;
  });

  test("that the gateway refuses are forgotten", async () => {
    await using scripted = await connectScriptedClient();
    const { server, client, gateway } = scripted;
    const { ready: refused } = client.subscribe("sessions.subscribe");
    gateway.refuse(await gateway.receive("sessions.subscribe"), { message: "missing scope: operator.read" });
    expect(await rejectionOf(refused)).toBeInstanceOf(GatewayError);
    gateway.terminate();
    await untilState(client, "waiting");
    const again = await server.accept();
    await again.welcome();
    const asked = client.request("health");
    again.respond(await again.receive("health"), {});
    await asked;
  });

  test("made while the link is down wait for it; closing ends them", async () => {
    await using scripted = await createScriptedClient();
    const { server, client } = scripted;
    const { ready: first } = client.subscribe("sessions.subscribe", { limit: 5 });
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    await gateway.receive("sessions.subscribe");
    await client.close();
    expect(await rejectionOf(first)).toBeInstanceOf(ConnectionError);
  });
});
