import type { GatewayUnderTest, Installation } from "./gateway-under-test.ts";
import { formOf } from "./forms.ts";
import { connectMemory } from "./raw-client.ts";
import { call, connectParams, hello } from "./requests.ts";

/** The recorded gateways had a past: at least one session with an answer. */
export async function giveItAPast(gateway: GatewayUnderTest, installation: Installation): Promise<void> {
  const client = connectMemory(gateway);
  await hello(client, connectParams(3, gateway));
  const [sessionKey, message] =
    installation === "official" ? ["agent:main:main", "hello over gateway"] : ["past", "[[fast]]"];
  await call(client, "chat.send", { sessionKey, message, idempotencyKey: "past" });
  await client.find((frame) => formOf(frame) === "chat/final");
  client.close();
}
