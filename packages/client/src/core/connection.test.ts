import { GatewayError } from "@openclaw-gateway/protocol/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnEffect, type ConnInput, type ConnState, type RetryAt, type Step, step } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import { readHello } from "./read-frame.ts";

const hello = readHello({ protocol: 4 });
const challenge = { nonce: "n", tsMs: 5 };
const lost = new ConnectionError("closed", "gone", { closeCode: 1006 });
const restart = new ConnectionError("closed", "service restart", { closeCode: 1012 });
const policy = new ConnectionError("closed", "unauthorized: gateway token mismatch", { closeCode: 1008 });
const mismatch = new ConnectionError("closed", "protocol mismatch", { closeCode: 1002 });
const late = new ConnectionError("timeout", "Connection timeout after 10000ms");
const wrongToken = new GatewayError("INVALID_REQUEST", "unauthorized: gateway token mismatch", {
  details: { code: "AUTH_TOKEN_MISMATCH" },
});
const starting = new GatewayError("UNAVAILABLE", "starting", { retryable: true, retryAfterMs: 200 });

const retryAt: RetryAt = (attempt) => attempt * 1_000;
const never: RetryAt = () => undefined;

const idle: ConnState = { at: "idle" };
const opening: ConnState = { at: "opening", attempt: 2 };
const fresh: ConnState = { at: "handshaking", attempt: 2, challenge: undefined };
const answered: ConnState = { at: "handshaking", attempt: 2, challenge };
const shown: ConnState = { ...answered, showsDeviceToken: true };
const ready: ConnState = { at: "ready", hello };
const waiting: ConnState = { at: "waiting", attempt: 2, retryAtMs: 2_000, lastError: lost };
const stopped: ConnState = { at: "stopped", reason: "closed-by-user", error: undefined };

const closed = (error: ConnectionError): ConnInput => ({ on: "socket-closed", error });
const refusal = (error: ConnectionError | GatewayError): ConnInput => ({ on: "refused", error });

describe("step", () => {
  test.each<[ConnState, ConnInput, ConnState, ConnEffect["do"][]]>([
    [idle, { on: "connect" }, { at: "opening", attempt: 1 }, ["open-socket", "set-deadline"]],
    [idle, { on: "close" }, stopped, ["reject-pending"]],
    [opening, { on: "socket-opened" }, fresh, ["set-deadline"]],
    [opening, closed(lost), { ...waiting, retryAtMs: 2_000 }, ["reject-pending", "schedule-retry"]],
    // Nobody who answers an upgrade with 1008 has judged us yet.
    [opening, closed(policy), { ...waiting, lastError: policy }, ["reject-pending", "schedule-retry"]],
    [
      opening,
      { on: "deadline", error: late },
      { ...waiting, lastError: late },
      ["close-socket", "reject-pending", "schedule-retry"],
    ],
    [opening, { on: "close" }, stopped, ["close-socket", "reject-pending"]],
    [fresh, { on: "challenge", challenge }, answered, ["send-connect", "set-deadline"]],
    [fresh, closed(policy), { at: "stopped", reason: "auth-rejected", error: policy }, ["reject-pending"]],
    [fresh, closed(mismatch), { at: "stopped", reason: "protocol-mismatch", error: mismatch }, ["reject-pending"]],
    [fresh, closed(lost), waiting, ["reject-pending", "schedule-retry"]],
    [
      fresh,
      { on: "deadline", error: late },
      { ...waiting, lastError: late },
      ["close-socket", "reject-pending", "schedule-retry"],
    ],
    [answered, { on: "hello", hello }, ready, ["replay-subscriptions", "send-held"]],
    [
      answered,
      refusal(wrongToken),
      { at: "stopped", reason: "auth-rejected", error: wrongToken },
      ["close-socket", "reject-pending"],
    ],
    [
      answered,
      refusal(starting),
      { ...waiting, lastError: starting },
      ["close-socket", "reject-pending", "schedule-retry"],
    ],
    [answered, { on: "close" }, stopped, ["close-socket", "reject-pending"]],
    [answered, { on: "device-token-shown" }, shown, ["set-deadline"]],
    // A device token that is wrong is dropped, and what it stood for is shown at once.
    [shown, refusal(wrongToken), opening, ["close-socket", "drop-device-token", "open-socket", "set-deadline"]],
    [shown, closed(policy), opening, ["drop-device-token", "open-socket", "set-deadline"]],
    // Other failures say nothing about the token.
    [shown, closed(lost), waiting, ["reject-pending", "schedule-retry"]],
    [
      shown,
      refusal(starting),
      { ...waiting, lastError: starting },
      ["close-socket", "reject-pending", "schedule-retry"],
    ],
    [
      ready,
      closed(restart),
      { at: "waiting", attempt: 1, retryAtMs: 1_000, lastError: restart },
      ["reject-pending", "schedule-retry"],
    ],
    // After hello-ok 1008 means "slow consumer": a new link is the cure.
    [
      ready,
      closed(policy),
      { at: "waiting", attempt: 1, retryAtMs: 1_000, lastError: policy },
      ["reject-pending", "schedule-retry"],
    ],
    [ready, { on: "close" }, stopped, ["close-socket", "reject-pending"]],
    [waiting, { on: "retry-due" }, { at: "opening", attempt: 3 }, ["open-socket", "set-deadline"]],
    [waiting, { on: "close" }, stopped, ["reject-pending"]],
  ])("%j takes %j", (state, input, next, effects) => {
    const [actual, ...done] = step(state, input, retryAt);
    expect(actual).toEqual(next);
    expect(done.map((effect) => effect.do)).toEqual(effects);
  });

  test("a silent link is closed with 4000", () => {
    const [next, ...effects] = step(ready, { on: "link-silent" }, retryAt);
    expect(next).toMatchObject({ at: "waiting", attempt: 1, lastError: { reason: "closed", closeCode: 4000 } });
    expect(effects).toMatchObject([
      { do: "close-socket", code: 4000, reason: "tick timeout" },
      { do: "reject-pending", held: false },
      { do: "schedule-retry", atMs: 1_000 },
    ]);
  });

  test.each<[ConnState, ConnInput]>([
    [opening, closed(lost)],
    [fresh, { on: "deadline", error: late }],
    [answered, refusal(starting)],
    [ready, closed(restart)],
    [ready, { on: "link-silent" }],
  ])("without reconnect %j is lost by %j", (state, input) => {
    const [next, ...effects] = step(state, input, never);
    expect(next).toMatchObject({ at: "stopped", reason: "lost" });
    expect(effects.at(-1)).toMatchObject({ do: "reject-pending", held: true });
  });

  test("what a request is told: the cause of the end, as a closed connection", () => {
    const [, , reject] = step(answered, refusal(wrongToken), retryAt);
    expect(reject).toMatchObject({
      error: { name: "ConnectionError", reason: "closed", cause: wrongToken },
      held: true,
    });
  });
});

describe("any sequence of inputs", () => {
  const inputs: fc.Arbitrary<ConnInput>[] = [
    fc.constant({ on: "connect" }),
    fc.constant({ on: "socket-opened" }),
    fc.constant({ on: "challenge", challenge }),
    fc.constant({ on: "device-token-shown" }),
    fc.constant({ on: "hello", hello }),
    fc.constantFrom(wrongToken, starting, lost).map(refusal),
    fc.constantFrom(lost, restart, policy, mismatch).map(closed),
    fc.constant({ on: "deadline", error: late }),
    fc.constant({ on: "link-silent" }),
    fc.constant({ on: "retry-due" }),
    fc.constant({ on: "close" }),
  ];

  /** Which rules a step breaks; `hasSocket` is what the shell holds before the effects. */
  function broken(
    state: ConnState,
    [next, ...effects]: Step,
    hadSocket: boolean,
  ): { rules: string[]; hasSocket: boolean } {
    let hasSocket = hadSocket;
    const done = new Set(effects.map((effect) => effect.do));
    const rules: [string, boolean][] = [
      ["stopped is final", state.at !== "stopped" || next === state],
      ["no change, no effects", next !== state || effects.length === 0],
      ["a lost link rejects", state.at !== "ready" || next.at === "ready" || done.has("reject-pending")],
      ["connect only while handshaking", !done.has("send-connect") || next.at === "handshaking"],
      ["deadlines only while connecting", !done.has("set-deadline") || ["opening", "handshaking"].includes(next.at)],
      ["requests only when ready", !(done.has("send-held") || done.has("replay-subscriptions")) || next.at === "ready"],
      ["retries only while waiting", done.has("schedule-retry") === (next.at === "waiting" && next !== state)],
    ];
    for (const effect of effects) {
      if (effect.do === "open-socket") {
        rules.push(["at most one socket", !hasSocket]);
        hasSocket = true;
      } else if (effect.do === "close-socket") {
        rules.push(["closes what is open", hasSocket]);
        hasSocket = false;
      } else if (effect.do === "send-connect") {
        rules.push(["connect needs a socket", hasSocket]);
      } else if (effect.do === "reject-pending") {
        rules.push(["held requests end with the story only", effect.held === (next.at === "stopped")]);
      }
    }
    rules.push([
      "a socket exactly where one belongs",
      hasSocket === ["opening", "handshaking", "ready"].includes(next.at),
    ]);
    return { rules: rules.flatMap(([rule, holds]) => (holds ? [] : [rule])), hasSocket };
  }

  test("keeps at most one socket, every effect legal, and stopped final", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...inputs), { maxLength: 60 }), fc.boolean(), (sequence, reconnects) => {
        let state: ConnState = idle;
        let hasSocket = false;
        const all: string[] = [];
        for (const input of sequence) {
          // The shell reports only the present socket, and its end only once.
          if (ofSocket.has(input.on) && !hasSocket) continue;
          if (input.on === "socket-closed") hasSocket = false;
          const taken = step(state, input, reconnects ? retryAt : never);
          const judged = broken(state, taken, hasSocket);
          all.push(...judged.rules);
          [state] = taken;
          ({ hasSocket } = judged);
        }
        expect(all).toEqual([]);
      }),
    );
  });
});

const ofSocket: ReadonlySet<ConnInput["on"]> = new Set([
  "socket-opened",
  "socket-closed",
  "challenge",
  "device-token-shown",
  "hello",
  "link-silent",
]);
