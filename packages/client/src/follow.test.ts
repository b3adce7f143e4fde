import { expect, test } from "vitest";
import { createCoreClient, type SocketListener } from "./core/index.ts";
import { createHello } from "./testing/index.ts";

test("events that come together with the first answer are told once, also after they are asked for again", async () => {
  let listener: SocketListener | undefined;
  const sent: { id: string; method: string; params: unknown }[] = [];
  const client = createCoreClient({
    url: "ws://memory",
    connectsFirst: true,
    openSocket: (_url, given) => {
      listener = given;
      queueMicrotask(() => given.onOpen());
      return { send: (text) => void sent.push(JSON.parse(text)), close: () => given.onClose(1000, "") };
    },
  });
  // Several messages in one task: one packet of the network.
  const receive = (...frames: object[]): void => {
    for (const frame of frames) listener?.onMessage(JSON.stringify(frame));
  };
  const answer = async (method: string, payload: object, ...together: object[]): Promise<void> => {
    while (!sent.some((request) => request.method === method)) await new Promise(setImmediate);
    const { id } = sent.splice(0).find((request) => request.method === method)!;
    receive({ type: "res", id, ok: true, payload }, ...together);
    await new Promise(setImmediate);
  };
  const event = (offset: number) => ({
    event: "agent",
    payload: { seq: offset },
    position: { sessionKey: "agent:main:main", epoch: "e", offset },
  });
  const followed = { subscribed: true, sessionKey: "agent:main:main" };
  const told: number[] = [];
  client.on("agent", ({ seq }) => void told.push(seq));

  const connecting = client.connect();
  await answer("connect", createHello());
  await connecting;
  const following = client.follow({ sessionKey: "main" });
  const first = { ...followed, position: { epoch: "e", offset: 4 }, events: [] };
  await answer("streams.subscribe", first, { type: "event", ...event(5) }, { type: "event", ...event(6) });
  expect(following.position).toEqual({ epoch: "e", offset: 6 });
  receive({ type: "event", ...event(8) });
  await new Promise(setImmediate);
  expect(sent.at(-1)?.params).toEqual({ sessionKey: "main", from: { epoch: "e", offset: 6 } });
  const rest = { ...followed, position: { epoch: "e", offset: 8 }, events: [event(7), event(8)] };
  await answer("streams.subscribe", rest);
  expect(told).toEqual([5, 6, 7, 8]);
  await client.close();
});
