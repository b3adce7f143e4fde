import { describe, expect, test } from "vitest";
import { connectScriptedClient, createManualClock, untilState } from "./testing/index.ts";

describe("watchdog", () => {
  const policy = { maxPayload: 1_000_000, maxBufferedBytes: 1, tickIntervalMs: 1_000 };

  test("a silent link is closed with 4000 and opened again", async () => {
    const clock = createManualClock();
    await using scripted = await connectScriptedClient({ clock }, { policy });
    const { server, client, gateway } = scripted;
    clock.advance(1_500);
    const heard = new Promise((resolve) => client.on("tick", resolve));
    gateway.event("tick", { ts: 1 });
    await heard;
    clock.advance(2_000);
    expect(client.state.at).toBe("ready");
    clock.advance(1);
    expect(client.state).toMatchObject({ at: "waiting", lastError: { message: "tick timeout" } });
    expect(await gateway.closed).toEqual({ code: 4000, reason: "tick timeout" });
    clock.advance(1);
    await (await server.accept()).welcome();
    await untilState(client, "ready");
  });

  test("can be paused; resuming gives the link its whole time again", async () => {
    const clock = createManualClock();
    await using scripted = await connectScriptedClient({ clock }, { policy });
    const { client } = scripted;
    const resume = client.pauseWatchdog();
    clock.advance(60_000);
    expect(client.state.at).toBe("ready");
    resume();
    clock.advance(2_000);
    expect(client.state.at).toBe("ready");
    clock.advance(1);
    expect(client.state.at).toBe("waiting");
  });

  test("a check of the link that nobody answers opens a new one; any answer is enough", async () => {
    const clock = createManualClock();
    await using scripted = await connectScriptedClient({ clock });
    const { server, client, gateway } = scripted;
    client.checkLink(5_000);
    gateway.refuse(await gateway.receive("last-heartbeat"), { message: "missing scope: operator.read" });
    const ticked = new Promise((resolve) => client.on("tick", resolve));
    gateway.event("tick", { ts: 1 });
    await ticked;
    clock.advance(5_000);
    client.checkLink(5_000);
    // The link is still the first one.
    await gateway.receive("last-heartbeat");
    clock.advance(5_000);
    await untilState(client, "waiting");
    // Waiting, a check tries at once.
    client.checkLink();
    await (await server.accept()).welcome();
    await untilState(client, "ready");
    expect(server.accepted).toBe(2);
  });
});
