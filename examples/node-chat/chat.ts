import { randomUUID } from "node:crypto";
import { type ChatFold, foldChat, GatewayClient, isTerminal } from "@openclaw-gateway/client";

const message = process.argv.slice(2).join(" ") || "Hello";
const sessionKey = process.env["SESSION"] ?? "main";

// OPENCLAW_GATEWAY_URL and OPENCLAW_GATEWAY_TOKEN
const client = new GatewayClient();
await client.connect();

// The key names the run: its events can be told from others', and the message can be sent again without running twice.
const runId = randomUUID();
const { promise: ended, resolve } = Promise.withResolvers<ChatFold>();
let answer: ChatFold | undefined;
client.on("chat", (event) => {
  if (event.runId !== runId) return;
  const before = answer?.text.length ?? 0;
  answer = foldChat(answer, event);
  process.stdout.write(answer.text.slice(before));
  if (isTerminal(answer)) resolve(answer);
});
// Over lost connections, too: what was missed meanwhile is told before what is new.
client.follow({ sessionKey });

await client.request("chat.send", { sessionKey, message, idempotencyKey: runId });
const { state, errorMessage } = await ended;
process.stdout.write("\n");
await client.disconnect();
if (state !== "final") {
  console.error(`${state}: ${errorMessage ?? ""}`);
  process.exitCode = 1;
}
