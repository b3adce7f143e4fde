// What a gateway could reach at best: `ws` with `JSON.parse` and nothing else. It speaks just enough of the protocol for the
// same driver: every request is answered with a tiny result, and `chat.send` relays a provider's stream to everybody.
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const [, , port, providerPort] = process.argv;
const chatIntervalMs = 75;

type Frame = {
  id: string;
  method: string;
  params?: { message?: string; idempotencyKey?: string; sessionKey?: string };
};

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port), perMessageDeflate: false });

server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.send('{"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":0}}');
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString("utf8")) as Frame;
    const payload = frame.method === "connect" ? '{"type":"hello-ok","protocol":4}' : "{}";
    socket.send(`{"type":"res","id":${JSON.stringify(frame.id)},"ok":true,"payload":${payload}}`);
    if (frame.method === "chat.send") relay(frame.params ?? {});
  });
});

function broadcast(frame: object): void {
  const bytes = Buffer.from(JSON.stringify(frame));
  for (const client of server.clients) client.send(bytes, { binary: false });
}

/** The same frames as a gateway sends: each delta with the text so far, and a chat event at most every 75 ms. */
function relay({ message = "", idempotencyKey: runId = "", sessionKey = "" }: NonNullable<Frame["params"]>): void {
  const run = { runId, sessionKey, sessionId: "00000000-0000-4000-8000-000000000000", agentId: "main" };
  let text = "";
  let told = "";
  let toldAtMs = 0;
  let seq = 0;
  const whole = () => ({ role: "assistant", content: [{ type: "text", text }], timestamp: Date.now() });
  const tellChat = (): void => {
    toldAtMs = Date.now();
    const deltaText = text.slice(told.length);
    told = text;
    broadcast({
      type: "event",
      event: "chat",
      payload: { ...run, seq, state: "delta", deltaText, message: whole() },
      seq,
    });
  };
  const take = (delta: string): void => {
    text += delta;
    seq++;
    broadcast({
      type: "event",
      event: "agent",
      payload: { ...run, stream: "assistant", data: { text, delta }, seq, ts: Date.now() },
      seq,
    });
    if (Date.now() - toldAtMs >= chatIntervalMs) tellChat();
  };

  // Not at the start: importing it takes as long as everything else of this program.
  const call = process.getBuiltinModule("node:http").request(
    {
      host: "127.0.0.1",
      port: Number(providerPort),
      path: "/v1/chat/completions",
      method: "POST",
      headers: { "content-type": "application/json" },
    },
    (response) => {
      const lines = createInterface({ input: response });
      lines.on("line", (line) => {
        if (!line.startsWith("data: {")) return;
        const { choices } = JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[] };
        const content = choices[0]?.delta.content;
        if (content !== undefined) take(content);
      });
      lines.on("close", () =>
        broadcast({ type: "event", event: "chat", payload: { ...run, seq, state: "final", message: whole() }, seq }),
      );
    },
  );
  call.end(JSON.stringify({ model: "bench-1", stream: true, messages: [{ role: "user", content: message }] }));
}

process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
