import { BrowserGatewayClient } from "@openclaw-gateway/browser-client";
import { createDeviceTokens, openDevice } from "@openclaw-gateway/browser-client/device";

/**
 * A chat as somebody writes it in an afternoon. The address says what is tested: `?session=`, `?url=`, `?device`; `#token=`
 * goes direct.
 */
const query = new URLSearchParams(location.search);
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const url = query.get("url");
const sessionKey = query.get("session") ?? "main";
const device = url !== null && query.has("device") ? await openDevice(url) : undefined;
const client = new BrowserGatewayClient({
  ...(token !== null && { token }),
  ...(url !== null && { url }),
  ...(device && url !== null && { signDevice: device.sign, deviceTokens: createDeviceTokens(url, localStorage) }),
  reconnect: { minDelayMs: 50, maxDelayMs: 500 },
});

const find = <E extends Element>(selector: string): E => {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
};
const list = find<HTMLOListElement>("ol");
const field = find<HTMLInputElement>("input");
const link = find<HTMLOutputElement>("output");

const add = (role: string, text: string): HTMLLIElement => {
  const item = document.createElement("li");
  item.dataset["role"] = role;
  item.textContent = text;
  list.append(item);
  return item;
};

async function send(text: string): Promise<void> {
  add("user", text);
  const item = add("assistant", "");
  try {
    for await (const answer of client.chatStream(sessionKey, text)) {
      item.textContent = answer.text;
      item.dataset["state"] = answer.state;
    }
  } catch (error) {
    item.dataset["state"] = "failed";
    item.textContent = String(error);
  }
}

find<HTMLFormElement>("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value;
  field.value = "";
  void send(text);
});
find<HTMLButtonElement>("#stop").addEventListener("click", () => void client.chatAbort(sessionKey));
client.onConnection((isConnected, error) => {
  link.value = isConnected ? "connected" : `lost: ${error?.message ?? ""}`;
});
const { messages } = await client.chatHistory(sessionKey);
for (const message of messages) add(message.role, JSON.stringify("content" in message ? message.content : ""));
