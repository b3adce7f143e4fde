import OpenAI from "openai";

const message = process.argv.slice(2).join(" ") || "Hello";
const gateway = process.env["OPENCLAW_GATEWAY_URL"] ?? "http://127.0.0.1:18789";

const openai = new OpenAI({
  baseURL: `${gateway.replace(/^ws/, "http").replace(/\/$/, "")}/v1`,
  apiKey: process.env["OPENCLAW_GATEWAY_TOKEN"],
});

// A model is an agent here: `openclaw` is the default one, `openclaw:<agent>` any other.
const stream = await openai.chat.completions.create({
  model: "openclaw",
  messages: [{ role: "user", content: message }],
  // The same user goes on in the same session.
  user: "example",
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
process.stdout.write("\n");
