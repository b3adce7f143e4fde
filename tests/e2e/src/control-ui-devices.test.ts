import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createNodeClient, openWsSocket } from "@openclaw-gateway/client";
import type { GatewayClient } from "@openclaw-gateway/client/core";
import { deviceAuthPayload, type Scope } from "@openclaw-gateway/protocol";
import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";
import { createGatewayFixture, token } from "./gateway-fixture.ts";

/** A telephone whose name is not what it seems. */
function createTelephone(origin: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(12);
  const id = createHash("sha256").update(raw).digest("hex");
  return (scopes: Scope[]): GatewayClient =>
    createNodeClient({
      url: origin.replace("http", "ws"),
      token,
      reconnect: false,
      scopes,
      client: { id: "openclaw-ios", mode: "ui", version: "1", displayName: "<img src=x onerror=alert(1)> phone" },
      openSocket: openWsSocket,
      signDevice: (challenge) => ({
        id,
        publicKey: raw.toString("base64url"),
        signature: sign(null, Buffer.from(deviceAuthPayload.v3({ ...challenge, deviceId: id })), privateKey).toString(
          "base64url",
        ),
        signedAt: challenge.signedAtMs,
        ...(challenge.nonce !== undefined && { nonce: challenge.nonce }),
      }),
    });
}

describeInBrowser("the dashboard: devices that wait", (suite) => {
  test("are shown by the name they give themselves, as text, and let in or refused", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const telephone = createTelephone(own.origin);
    const first = telephone(["operator.read"]);
    await first.connect();
    await first.close();
    const chat = await suite.openChat({}, own);
    const section = chat.page.getByRole("region", { name: "Devices waiting for approval" });
    expect(await section.count()).toBe(0);

    const refused = telephone(["operator.read", "operator.write"]);
    await expect(refused.connect()).rejects.toThrow(/pairing required/);
    await section.getByText("<img src=x onerror=alert(1)> phone").waitFor();
    await section.getByText("asks to read, write").waitFor();
    expect(await section.locator("img").count()).toBe(0);
    await section.getByRole("button", { name: "Approve" }).click();
    await section.waitFor({ state: "detached" });
    const admitted = telephone(["operator.read", "operator.write"]);
    await admitted.connect();

    const greedy = telephone(["operator.admin"]);
    await expect(greedy.connect()).rejects.toThrow(/pairing required/);
    await section.getByText("asks for full control of this gateway").waitFor();
    await section.getByRole("button", { name: "Reject" }).click();
    await section.waitFor({ state: "detached" });
    for (const client of [refused, admitted, greedy]) await client.close();
    await chat.close();
  });
});
