// A page: no types of Node anywhere, resolved as bundlers do.
import { BrowserGatewayClient } from "@openclaw-gateway/browser-client";

const client = new BrowserGatewayClient();
for await (const answer of client.chatStream("main", "Hello")) document.body.textContent = answer.text;
