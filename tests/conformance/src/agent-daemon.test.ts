import {
  type ChatFold,
  createAgentDaemon,
  createNodeClient,
  type DaemonTurn,
  foldChat,
  isTerminal,
} from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import { visibleText } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { type GatewayUnderTest, startGatewayUnderTest } from "./gateway-under-test.ts";

const sessionKey = "agent:coder:main";
const untilAborted = ({ signal }: DaemonTurn): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** A gateway, a daemon that serves its agent `coder`, and somebody who writes to it. */
async function start(onTurn: (turn: DaemonTurn) => Promise<void>) {
  const gateway = await startGatewayUnderTest({ agents: [{ id: "coder", runtime: { type: "daemon" } }] });
  const person = clientOf(gateway, { scopes: ["operator.admin"] });
  const link = clientOf(gateway, { role: "agent" });
  const served = Promise.withResolvers<readonly string[]>();
  const errors: unknown[] = [];
  createAgentDaemon({
    client: link,
    agentIds: ["coder"],
    onTurn,
    onServing: served.resolve,
    onError: (error) => errors.push(error),
  });
  await Promise.all([person.connect(), link.connect()]);
  expect(await served.promise).toEqual(["coder"]);
  const said = watch(person);
  return {
    person,
    link,
    errors,
    said,
    send: (message: string) =>
      person.request("chat.send", { sessionKey, message, idempotencyKey: `run of ${message}` }),
    status: async () => (await person.request("agents.list", {})).agents.find(({ id }) => id === "coder")?.status,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([person.close(), link.close()]);
      await gateway[Symbol.asyncDispose]();
    },
  };
}

const clientOf = ({ url, token }: GatewayUnderTest, as: Partial<Parameters<typeof createNodeClient>[0]>) =>
  createNodeClient({ url, token, ...as });

/** What a person sees of the one run that there is. */
function watch(client: GatewayClient) {
  let fold: ChatFold | undefined;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<ChatFold>();
  client.on("chat", (event) => {
    fold = foldChat(fold, event);
    if (fold?.text) begin();
    if (fold && isTerminal(fold)) end(fold);
  });
  return { begun, ended };
}

test("a daemon answers with text and a tool", async () => {
  await using running = await start(async (turn) => {
    await turn.text("Let me look. ");
    await turn.toolStart({ toolCallId: "t1", name: "read", args: { path: "x" } });
    await turn.toolEnd({ toolCallId: "t1", name: "read", text: "marmalade" });
    await turn.text(`You asked: ${turn.request.messages.map((message) => visibleText(message)).join()}`);
    await turn.usage({ input: 100, output: 20 });
  });
  expect(await running.status()).toBe("online");
  await running.send("what is in x?");
  expect(await running.said.ended).toMatchObject({
    state: "final",
    text: expect.stringMatching(/^Let me look\..*You asked: .*what is in x\?$/s),
  });
  const { messages } = await running.person.request("chat.history", { sessionKey });
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "toolResult", "assistant"]);
  expect(visibleText(messages[2]!)).toBe("marmalade");
  expect(running.errors).toEqual([]);
});

test("an abort reaches the daemon, and what it says after that is not kept", async () => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<unknown>();
  await using running = await start(async (turn) => {
    await turn.text("So far");
    await untilAborted(turn);
    await turn.text(" and further");
    stop(turn.signal.reason);
  });
  await running.send("begin");
  await running.said.begun;
  await running.person.request("chat.abort", { sessionKey });
  expect(await stopped).toBe("rpc");
  expect(await running.said.ended).toMatchObject({ state: "aborted", text: "So far" });
  const { messages } = await running.person.request("chat.history", { sessionKey });
  expect(messages.map((message) => visibleText(message))).toEqual([expect.stringContaining("begin"), "So far"]);
  expect(await running.status()).toBe("online");
  expect(running.errors).toEqual([]);
});

test("a daemon that vanishes ends its turn with an error and leaves its agent offline", async () => {
  await using running = await start(async (turn) => {
    await turn.text("I begin");
    await untilAborted(turn);
  });
  await running.send("begin");
  await running.said.begun;
  await running.link.close();
  expect(await running.said.ended).toMatchObject({
    state: "error",
    errorMessage: 'the daemon that serves agent "coder" went away during the turn',
  });
  expect(await running.status()).toBe("offline");
});
