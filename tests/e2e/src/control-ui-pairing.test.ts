import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { barriers } from "./barriers.ts";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { startFrontProxy } from "./front-proxy.ts";
import { createGatewayFixture, token } from "./gateway-fixture.ts";

/** Everything the page could read of what it keeps. */
const stored = (page: Page): Promise<string> =>
  page.evaluate(() => JSON.stringify([sessionStorage, localStorage, document.cookie]));

// Several pages and gateways each, looked through for barriers, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 });

describeInBrowser("the dashboard: a device of its own", (suite) => {
  test("on the gateway's machine the secret pairs it at once, and is not kept", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const chat = await openPage(suite.browser, `${own.origin}/chat/main#token=${token}`);
    const { page } = chat;
    await chat.composer.waitFor();
    expect(await stored(page)).not.toContain(token);
    expect(await stored(page)).toContain("device-token");
    // The key is there, and not even the page can read it.
    const key = await page.evaluate(
      () =>
        new Promise<unknown>((resolve, reject) => {
          const opening = indexedDB.open("openclaw");
          opening.onerror = () => reject(new Error("no database"));
          opening.onsuccess = () => {
            const all = opening.result.transaction("device-keys").objectStore("device-keys").getAll();
            all.onsuccess = () =>
              resolve(
                (all.result as CryptoKeyPair[]).map(({ privateKey: { extractable, algorithm } }) => [
                  extractable,
                  algorithm.name,
                ]),
              );
          };
        }),
    );
    expect(key).toEqual([[false, "Ed25519"]]);

    await page.reload();
    await chat.composer.waitFor();
    const { paired } = await own.call("device.pair.list");
    expect(paired).toMatchObject([
      { clientId: "openclaw-control-ui", displayName: "Chrome on Linux", role: "operator" },
    ]);

    await own.call("device.token.revoke", { deviceId: paired[0]!.deviceId, role: "operator" });
    await page.getByText("This browser's access has ended").waitFor();
    expect(await stored(page)).not.toContain("device-token");
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });

  test("from elsewhere somebody approves it first; the page waits, tells how, and goes on by itself", async () => {
    await using own = await createGatewayFixture({
      dashboardDir: suite.dashboardDir,
      overrides: { trustedProxies: ["127.0.0.1"] },
    });
    await using far = await startFrontProxy(own.origin, (given) => ({ ...given, "x-forwarded-for": "203.0.113.9" }));
    const chat = await openPage(suite.browser, `http://localhost:${far.port}/chat/main#token=${token}`, {
      reducedMotion: "reduce",
    });
    const { page } = chat;
    await page.getByRole("heading", { name: "Waiting for approval" }).waitFor();
    const [first] = (await own.call("device.pair.list")).pending;
    await page.getByText(`openclaw devices approve ${first!.requestId}`).waitFor();
    expect(first).toMatchObject({ remoteIp: "203.0.113.9", browserOrigin: `http://localhost:${far.port}` });
    expect(await barriers(page)).toEqual([]);

    await page.reload();
    await page.getByRole("heading", { name: "Waiting for approval" }).waitFor();
    expect((await own.call("device.pair.list")).pending).toHaveLength(1);
    await own.call("device.pair.approve", { requestId: first!.requestId });
    await chat.composer.waitFor();
    expect(await stored(page)).not.toContain(token);
    await page.reload();
    await chat.composer.waitFor();
    await chat.close();
  });

  test("a refusal is told, and is not asked again by itself", async () => {
    await using own = await createGatewayFixture({
      dashboardDir: suite.dashboardDir,
      overrides: { trustedProxies: ["127.0.0.1"] },
    });
    await using far = await startFrontProxy(own.origin, (given) => ({ ...given, "x-forwarded-for": "203.0.113.9" }));
    const { page, close } = await openPage(suite.browser, `http://localhost:${far.port}/#token=${token}`);
    await page.getByRole("heading", { name: "Waiting for approval" }).waitFor();
    const [first] = (await own.call("device.pair.list")).pending;
    await own.call("device.pair.reject", { requestId: first!.requestId });
    await page.getByText("Somebody refused the request of this browser.").waitFor();
    expect((await own.call("device.pair.list")).pending).toEqual([]);
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByRole("heading", { name: "Waiting for approval" }).waitFor();
    expect((await own.call("device.pair.list")).pending).toHaveLength(1);
    await close();
  });

  test("a one-time code of a link pairs it without the secret, with what the code allows", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const { setupCode } = await own.call("device.pair.setupCode", { publicUrl: "wss://elsewhere.example" });
    const chat = await openPage(suite.browser, `${own.origin}/chat/main#code=${setupCode}`);
    await chat.composer.waitFor();
    expect(chat.page.url()).toBe(`${own.origin}/chat/main`);
    expect([...chat.origins]).toEqual([own.origin]);
    const { paired } = await own.call("device.pair.list");
    expect(paired[0]!.scopes?.toSorted()).toEqual(["operator.approvals", "operator.read", "operator.write"]);
    await chat.send("hello");
    await chat.answers.filter({ hasText: "You said: hello" }).waitFor();

    const late = await openPage(suite.browser, `${own.origin}/chat/main#code=${setupCode}`);
    await late.page.getByText("The code is no longer valid").waitFor();
    await Promise.all([chat.close(), late.close()]);
  });

  test("a page over plain HTTP says that it cannot be paired, and works with the token all the same", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const { port } = new URL(own.origin);
    const chat = await openPage(suite.browser, `http://gateway:${port}/chat/main`);
    await chat.page.getByText(/came over plain HTTP/).waitFor();
    const field = chat.page.getByLabel("Token or password");
    await field.fill(token);
    await field.press("Enter");
    await chat.composer.waitFor();
    expect((await own.call("device.pair.list")).paired).toEqual([]);
    await chat.page.reload();
    await chat.composer.waitFor();
    await chat.close();
  });

  test("over a line that the gateway cannot know to be safe nobody is paired, and the secret lets it in all the same", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    await using far = await startFrontProxy(own.origin, (given) => ({
      ...given,
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "http",
    }));
    const chat = await openPage(suite.browser, `http://localhost:${far.port}/chat/main#token=${token}`);
    const { page } = chat;
    await chat.composer.waitFor();
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText(/This browser is not paired/).waitFor();
    const { pending, paired } = await own.call("device.pair.list");
    expect({ pending, paired }).toEqual({ pending: [], paired: [] });
    await page.reload();
    await page.getByText(/This browser is not paired/).waitFor();
    await chat.close();
  });
});
