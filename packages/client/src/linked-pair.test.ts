import { expect, test } from "vitest";
import { createCoreClient } from "./index.ts";
import {
  createLinkedPair,
  createLinkedTransport,
  createScriptedConnection,
  type ScriptedConnection,
} from "./testing/index.ts";

const tasks = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test("messages wait for a listener, then come in order; a close comes last and once", async () => {
  const { left, right } = createLinkedPair();
  const heard: string[] = [];
  left.send("a");
  left.send("b");
  left.close(1000, "bye");
  left.send("lost");
  right.close(1001, "too late");
  right.listen({ onMessage: (text) => heard.push(text), onClose: (code, reason) => heard.push(`${code} ${reason}`) });
  expect(heard).toEqual([]);
  await tasks();
  expect(heard).toEqual(["a", "b", "1000 bye"]);
});

test("a fence holds one direction until it is released", async () => {
  const { left, right } = createLinkedPair();
  const [atLeft, atRight]: string[][] = [[], []];
  left.listen({ onMessage: (text) => atLeft?.push(text), onClose: () => atLeft?.push("closed") });
  right.listen({ onMessage: (text) => atRight?.push(text), onClose: () => atRight?.push("closed") });
  const fence = right.fence();
  left.send("1");
  left.send("2");
  left.send("3");
  right.send("free");
  left.close(1000, "");
  await tasks();
  expect([atLeft, atRight, fence.held]).toEqual([["free", "closed"], [], 4]);
  fence.release(2);
  await tasks();
  expect([atRight, fence.held]).toEqual([["1", "2"], 2]);
  fence.lift();
  await tasks();
  expect(atRight).toEqual(["1", "2", "3", "closed"]);
});

test("an answer that is on its way when the link closes is never delivered to a request of the next link", async () => {
  const accepted = Promise.withResolvers<ScriptedConnection>();
  const fences: (() => void)[] = [];
  const client = createCoreClient({
    url: "ws://memory",
    reconnect: false,
    openSocket: createLinkedTransport((end, path) => {
      const { connection, onMessage, onClose } = createScriptedConnection({
        path,
        send: (text) => end.send(text),
        close: (code, reason) => end.close(code, reason),
        terminate: () => end.close(1006, ""),
      });
      end.listen({ onMessage, onClose });
      fences.push(() => end.fence());
      accepted.resolve(connection);
    }),
  });
  const connecting = client.connect();
  const gateway = await accepted.promise;
  await gateway.welcome();
  await connecting;
  // From here on nothing of the client arrives: its request is on the way when it closes.
  fences[0]?.();
  const asked = client.request("health").catch((error: unknown) => error);
  await client.close();
  expect(await asked).toMatchObject({ reason: "closed" });
  expect(client.state.at).toBe("stopped");
});
