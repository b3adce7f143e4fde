// The installed command: starts a gateway, answers, stops.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { GatewayClient, foldChat, type ChatFold } from "@openclaw-gateway/client";

const command = "node_modules/.bin/openclaw";
const gateway = spawn(command, ["gateway", "run", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = once(gateway, "exit");
try {
  let address: RegExpExecArray | null = null;
  for await (const line of createInterface({ input: gateway.stdout })) {
    address = /Open (http\S+)#token=(\S+)/.exec(line);
    if (address) break;
  }
  assert.ok(address, "the gateway tells its address");
  const [, url = "", token = ""] = address;
  gateway.stdout.resume();

  const page = await fetch(url);
  assert.match(await page.text(), /<script/);

  const client = new GatewayClient({ url, token });
  const said = Promise.withResolvers<string>();
  let fold: ChatFold | undefined;
  client.on("chat", (event) => {
    fold = foldChat(fold, event);
    if (event.state === "final" && fold) said.resolve(fold.text);
  });
  await client.connect();
  await client.api.chat.send({ sessionKey: "main", message: "Hello", idempotencyKey: "first" });
  assert.match(await said.promise, /Hello/);
  const { sessions } = await client.request("sessions.list", { limit: 10 });
  assert.deepEqual(
    sessions.map(({ key }) => key),
    ["agent:main:main"],
  );
  await client.close();

  const run = promisify(execFile);
  // The program of the quick start, as it is printed there.
  const variables = { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: token };
  const quickStart = await run("node", ["quick-start/hello.mjs"], { env: { ...process.env, ...variables } });
  assert.match(quickStart.stdout, /Hello from a program/);

  const { stdout } = await run(command, ["agent", "--message", "Hello again", "--json"]);
  assert.equal((JSON.parse(stdout) as { status: string }).status, "ok");
} finally {
  gateway.kill("SIGTERM");
}
assert.deepEqual(await ended, [0, null]);
console.log("done");
