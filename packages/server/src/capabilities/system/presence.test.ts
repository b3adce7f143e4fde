import { dialects } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import type { Member } from "../../connection/connection.ts";
import { createManualClock } from "../../testing/manual-clock.ts";
import { createPresence } from "./presence.ts";

function member(
  connId: string,
  { instanceId, mode = "ui" as const }: { instanceId?: string; mode?: "ui" | "cli" } = {},
): Member {
  return {
    connId,
    dialect: dialects[0]!,
    principal: {
      id: connId,
      role: "operator",
      scopes: ["operator.read"],
      displayName: connId,
      credential: "shared",
      causedByAgent: false,
    },
    peer: { address: "127.0.0.1", isLoopback: true, isSecure: true, headers: { forwarded: false } },
    params: {
      minProtocol: 3,
      maxProtocol: 4,
      client: {
        id: "test",
        displayName: connId,
        version: "1",
        platform: "test",
        mode,
        ...(instanceId !== undefined && { instanceId }),
      },
    },
  };
}

function createSubject() {
  const clock = createManualClock(1_000_000);
  let changes = 0;
  const presence = createPresence({ clock, serverVersion: "1", onChange: () => changes++ });
  const listed = () =>
    presence
      .list()
      .slice(1)
      .map(({ host, reason }) => `${host} ${reason}`);
  return { clock, presence, listed, changes: () => changes };
}

test("the newest change stands first, the gateway itself above all; leaving is told, joining is not", () => {
  const { presence, listed, changes } = createSubject();
  const anna = member("anna");
  presence.joined(anna);
  presence.joined(member("ben"));
  expect(listed()).toEqual(["ben connect", "anna connect"]);
  expect(presence.list()[0]!.reason).toBe("self");
  expect(changes()).toBe(0);
  presence.left(anna);
  expect(listed()).toEqual(["anna disconnect", "ben connect"]);
  expect(changes()).toBe(1);
});

test("an instance with two connections is one row until the last has left", () => {
  const { presence, listed, changes } = createSubject();
  const [first, second] = [member("a", { instanceId: "tab" }), member("b", { instanceId: "tab" })];
  presence.joined(first);
  presence.joined(second);
  presence.left(first);
  expect(listed()).toEqual(["b connect"]);
  expect(changes()).toBe(0);
  presence.left(second);
  expect(listed()).toEqual(["b disconnect"]);
});

test("command-line calls are not shown", () => {
  const { presence, listed } = createSubject();
  presence.joined(member("call", { mode: "cli" }));
  expect(listed()).toEqual([]);
});

test("those who left are few and forgotten after a while; those who came back are not", () => {
  const { presence, listed, clock } = createSubject();
  const crowd = Array.from({ length: 30 }, (_, index) => member(`m${index}`));
  for (const one of crowd) presence.joined(one);
  for (const one of crowd) presence.left(one);
  expect(listed()).toHaveLength(20);
  expect(listed()[0]).toBe("m29 disconnect");
  presence.joined(crowd[29]!);
  clock.advance(300_001);
  const late = member("late");
  presence.joined(late);
  presence.left(late);
  expect(listed()).toEqual(["late disconnect", "m29 connect"]);
  // Connected for longer than rows of the gone are kept: shown as gone, and forgotten later like all others.
  presence.left(crowd[29]!);
  expect(listed()).toEqual(["m29 disconnect", "late disconnect"]);
  clock.advance(300_001);
  presence.joined(member("next"));
  const next = member("other");
  presence.joined(next);
  presence.left(next);
  expect(listed()).toEqual(["other disconnect", "next connect"]);
});

test("a list has at most 200 rows, the newest", () => {
  const { presence, listed } = createSubject();
  for (let index = 0; index < 500; index++) presence.joined(member(`m${index}`));
  expect(presence.list()).toHaveLength(200);
  expect(listed()[0]).toBe("m499 connect");
});
