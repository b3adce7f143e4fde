import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ChatFold, foldChat, GatewayClient, isTerminal } from "@openclaw-gateway/client";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { type GatewayUnderTest, startGatewayUnderTest } from "./gateway-under-test.ts";

// A stream of a few seconds, cut again and again, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

/** What somebody sees of one run, and of the transcript meanwhile. */
type View = {
  /** Every `deltaText`, one after the other. */
  deltas: string;
  fold: ChatFold | undefined;
  thoughts: string;
  steps: string[];
  messages: string[];
  gaps: number;
  snapshots: number;
};

const connectTo = (gateway: GatewayUnderTest, url: string): GatewayClient =>
  new GatewayClient(
    { url, token: gateway.token, scopes: ["operator.admin"], environment: {} },
    { autoReconnect: { minDelayMs: 1, maxDelayMs: 4 } },
  );

/** Watches a session; resolves with the end of the run. */
async function watch(client: GatewayClient, sessionKey: string, runId: string) {
  const view: View = { deltas: "", fold: undefined, thoughts: "", steps: [], messages: [], gaps: 0, snapshots: 0 };
  const { promise: ended, resolve } = Promise.withResolvers<View>();
  client.onGap(() => view.gaps++);
  client.on("chat", (event) => {
    if (event.runId !== runId) return;
    if (event.state === "delta") view.deltas = event.replace ? event.deltaText : view.deltas + event.deltaText;
    view.fold = foldChat(view.fold, event);
  });
  client.on("agent", ({ stream, data }) => {
    if (stream === "assistant") view.thoughts += String(data["delta"]);
    else if (stream === "lifecycle" || stream === "tool") view.steps.push(`${stream} ${String(data["phase"])}`);
  });
  let isStored = false;
  const check = (): void => {
    if (isStored && view.fold && isTerminal(view.fold)) resolve(view);
  };
  client.on("chat", check);
  client.on("session.message", ({ messageId, message }) => {
    view.messages.push(messageId);
    isStored ||= message["role"] === "assistant" && message["stopReason"] === "stop";
    check();
  });
  await client.connect();
  const following = client.follow({ sessionKey }, { onSnapshot: () => view.snapshots++ });
  await following.ready;
  return { view, ended, following };
}

describe("a stream whose connection is lost again and again", () => {
  test.each(["[[slow]]", "[[tool]] [[rapid]]"])(
    "%s looks the same to one who was cut off as to one who was not",
    async (words) => {
      await using gateway = await startGatewayUnderTest();
      await using proxy = await startCuttingProxy(gateway.port);
      const sessionKey = "cut";
      const runId = randomUUID();
      const steady = connectTo(gateway, gateway.url);
      const unlucky = [connectTo(gateway, proxy.url), connectTo(gateway, proxy.url)];
      try {
        const whole = await watch(steady, sessionKey, runId);
        const torn = await Promise.all(unlucky.map((client) => watch(client, sessionKey, runId)));
        await steady.request("chat.send", { sessionKey, message: words, idempotencyKey: runId });
        let isOver = false;
        const over = Promise.all([whole, ...torn].map(({ ended }) => ended)).then(() => (isOver = true));
        // A schedule that can be repeated.
        const schedule = fc.sample(fc.integer({ min: 5, max: 90 }), { seed: 11, numRuns: 200 });
        for (const waitMs of schedule) {
          if (isOver) break;
          await pause(waitMs);
          proxy.cut();
        }
        await over;
        expect(proxy.cuts).toBeGreaterThan(20);
        const reference = whole.view;
        expect(reference.deltas).toBe(reference.fold?.text);
        for (const { view } of torn) {
          expect({ ...view, gaps: 0 }).toEqual({ ...reference, gaps: 0 });
          expect(view.snapshots).toBe(1);
        }
      } finally {
        await Promise.all([steady, ...unlucky].map((client) => client.close()));
      }
    },
  );
});
