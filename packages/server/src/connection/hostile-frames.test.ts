import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const depth = 200_000;
const nested: readonly (readonly [string, string])[] = [
  ["lists", "[".repeat(depth) + "]".repeat(depth)],
  ["objects", '{"a":'.repeat(depth) + "1" + "}".repeat(depth)],
  ["lists that do not end", "[".repeat(depth)],
];
const places: readonly (readonly [string, (deep: string) => string])[] = [
  ["the parameters", (deep) => `{"type":"req","id":"deep","method":"chat.send","params":${deep}}`],
  [
    "one parameter",
    (deep) => `{"type":"req","id":"deep","method":"chat.send","params":{"sessionKey":"s","message":${deep}}}`,
  ],
  ["an unknown parameter", (deep) => `{"type":"req","id":"deep","method":"health","params":{"extra":${deep}}}`],
  ["the method", (deep) => `{"type":"req","id":"deep","method":${deep}}`],
  ["the whole message", (deep) => deep],
];

describe("T-G2: a message nested beyond reason disturbs nobody", () => {
  let running: Awaited<ReturnType<typeof startTestGateway>>;
  beforeAll(async () => {
    running = await startTestGateway(
      createScriptedRuntime(async function* () {
        yield { type: "end", stopReason: "stop" };
      }),
    );
  });
  afterAll(() => running[Symbol.asyncDispose]());

  test.each(places.flatMap(([place, message]) => nested.map(([what, deep]) => ({ place, what, data: message(deep) }))))(
    "$what as $place",
    async ({ data }) => {
      using bystander = await openSocket(running.url);
      await bystander.connect();
      using sender = await openSocket(running.url);
      await sender.connect();
      sender.send(data);
      sender.send({ type: "req", id: "after", method: "health" });
      bystander.send({ type: "req", id: "meanwhile", method: "health" });
      expect(await bystander.answer("meanwhile")).toMatchObject({ ok: true });
      await Promise.race([sender.answer("after"), sender.closed()]);
    },
  );

  test("before the handshake it ends the connection", async () => {
    using sender = await openSocket(running.url);
    sender.send("[".repeat(60_000));
    expect((await sender.closed()).code).toBe(1000);
  });
});
