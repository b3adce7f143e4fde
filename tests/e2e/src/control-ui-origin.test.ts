import { expect, test } from "vitest";
import { barriers } from "./barriers.ts";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { startFrontProxy } from "./front-proxy.ts";
import { createGatewayFixture, token } from "./gateway-fixture.ts";

describeInBrowser("the dashboard: where it is reached", (suite) => {
  test.each(["light", "dark"] as const)(
    "a name that nobody vouches for gets a page with the setting (%s)",
    async (colorScheme) => {
      const { port } = new URL(suite.gateway.origin);
      const origin = `http://gateway.example:${port}`;
      const visit = await openPage(suite.browser, `${origin}/chat/main`, { colorScheme });
      await visit.page.getByRole("heading", { name: "The gateway does not know this address" }).waitFor();
      expect(await visit.page.locator("pre").first().textContent()).toContain(`"${origin}"`);
      expect(await barriers(visit.page)).toEqual([]);
      // Its style is allowed by its own policy. The browser tells the status, and which headers count over HTTPS only.
      expect(await visit.page.locator("main").evaluate((main) => getComputedStyle(main).maxWidth)).not.toBe("none");
      expect(visit.complaints.filter((text) => !/403|Cross-Origin-Opener-Policy/.test(text))).toEqual([]);
      await visit.close();
    },
  );

  test("behind a proxy that changes the host the page tells why it gets no socket, and connects once it is allowed", async () => {
    const allowedOrigins: string[] = [];
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir, overrides: { allowedOrigins } });
    const { host } = new URL(own.origin);
    await using proxy = await startFrontProxy(own.origin, (given) => ({ ...given, host }));
    const origin = `http://localhost:${proxy.port}`;
    const chat = await openPage(suite.browser, `${origin}/#token=${token}`);
    const { page } = chat;
    await page.getByRole("alert").getByText(origin, { exact: true }).waitFor();
    expect(await page.getByRole("alert").locator("pre").textContent()).toContain(`"${origin}"`);
    expect(await barriers(page)).toEqual([]);
    allowedOrigins.push(origin);
    await page.getByRole("button", { name: "Retry now" }).click();
    await chat.composer.waitFor();
    await chat.close();
  });

  test("below a path everything stays below it, and the credential is that gateway's", async () => {
    await using own = await createGatewayFixture({
      dashboardDir: suite.dashboardDir,
      overrides: { controlUiBasePath: "/claw/ui" },
    });
    const chat = await openPage(suite.browser, `${own.origin}/#token=${token}`);
    const { page } = chat;
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
    await chat.composer.waitFor();
    expect(page.url()).toBe(`${own.origin}/claw/ui/chat/main`);
    await page.getByRole("button", { name: "New chat" }).click();
    await page.waitForURL(/\/claw\/ui\/chat\/chat-/);
    await chat.send("**bold** below");
    await chat.answers.locator("strong", { hasText: "bold" }).waitFor();
    await page.reload();
    await chat.answers.locator("strong", { hasText: "bold" }).waitFor();
    expect([...new Set(sockets)]).toEqual(["/claw/ui/ws"]);
    expect(
      await page.evaluate(() => Object.keys(sessionStorage).filter((name) => name.includes("device-token"))),
    ).toEqual([`openclaw.device-token:${new URL(own.origin).host}/claw/ui/ws`]);
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });
});
