import { BrowserGatewayClient } from "@openclaw-gateway/browser-client";

// Through the proxy of this site, so there is no token here.
const client = new BrowserGatewayClient();
const sessionKey = "main";
const list = document.querySelector("ol");
const field = document.querySelector("input");
const link = document.querySelector("output");

client.onConnection((isConnected, error) => {
  link.value = isConnected ? "connected" : `not connected: ${error?.message ?? ""}`;
});

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = field.value;
  field.value = "";
  add("user", message);
  const item = add("assistant", "…");
  try {
    for await (const answer of client.chatStream(sessionKey, message)) {
      item.textContent = answer.text;
      item.dataset.state = answer.state;
    }
  } catch (error) {
    item.textContent = error.message;
    item.dataset.state = "error";
  }
});

for (const { role, content } of (await client.chatHistory(sessionKey, { limit: 50 })).messages) {
  const parts = Array.isArray(content) ? content : [{ type: "text", text: content }];
  const text = parts.filter(({ type }) => type === "text").map((part) => part.text);
  if (text.length > 0) add(role, text.join("\n"));
}

function add(role, text) {
  const item = document.createElement("li");
  item.dataset.role = role;
  item.textContent = text;
  list.append(item);
  return item;
}
