import { once } from "node:events";
import { hostileMarkdown } from "@openclaw-gateway/control-ui/testing";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { createGatewayFixture, token } from "./gateway-fixture.ts";

describeInBrowser("the dashboard: getting in, staying connected, staying safe", (suite) => {
  test("wrong token, lockout with its end, then the right one", async () => {
    await using strict = await createGatewayFixture({
      dashboardDir: suite.dashboardDir,
      overrides: { rateLimit: { maxFailures: 2, windowMs: 60_000, lockoutMs: 5_000 } },
    });
    const chat = await openPage(suite.browser, `${strict.origin}/chat/later`);
    const { page } = chat;
    const field = page.getByLabel("Token or password");
    await field.waitFor();
    const alert = page.getByRole("alert");
    expect(await alert.count()).toBe(0);
    await field.fill("wrong");
    await field.press("Enter");
    await alert.filter({ hasText: "Wrong token" }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
    await field.fill("wrong again");
    await field.press("Enter");
    await alert.filter({ hasText: "Wrong token" }).waitFor();
    await field.fill("wrong once more");
    await field.press("Enter");
    await alert.filter({ hasText: "Too many failed attempts" }).waitFor();
    await page.getByText(/next attempt in \d seconds?/).waitFor();
    expect(await page.getByRole("button", { name: "Connect" }).isDisabled()).toBe(true);
    await alert.filter({ hasText: "You can try again" }).waitFor();
    await field.fill(token);
    await page.getByLabel("Remember on this device").check();
    await field.press("Enter");
    await chat.composer.waitFor();
    expect(page.url()).toBe(`${strict.origin}/chat/later`);
    expect(
      await page.evaluate(() => [
        sessionStorage.length,
        JSON.stringify(localStorage).includes("device-token"),
        JSON.stringify(localStorage).includes("e2e-token"),
      ]),
    ).toEqual([0, true, false]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await field.waitFor();
    expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
    await chat.close();
  });

  test("says that the gateway is gone, comes back with it, and doubles nothing", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const chat = await suite.openChat({}, own);
    const { page } = chat;
    await chat.send("before");
    await chat.answers.filter({ hasText: "You said: before" }).waitFor();
    await chat.send("[[slow]] cut");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();

    await own.stop();
    await page.getByText("Connection lost.").waitFor();
    await chat.composer.fill("written while away");
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    await own.start();
    await page.getByRole("button", { name: "Retry now" }).click();
    await page.getByText("Connection lost.").waitFor({ state: "detached" });

    await page.locator('[data-ending="interrupted"]').waitFor();
    expect(await chat.composer.inputValue()).toBe("written while away");
    await chat.composer.press("Enter");
    await chat.answers.filter({ hasText: "You said: written while away" }).waitFor();
    expect(await chat.ownMessages.allTextContents()).toEqual(["before", "[[slow]] cut", "written while away"]);
    expect(await chat.answers.count()).toBe(3);
    await chat.close();
  });

  test("a page that opens while nobody answers says so and connects by itself", async () => {
    const chat = await suite.openChat();
    const { page } = chat;
    let isCut = true;
    await page.routeWebSocket(/.*/, (socket) => {
      if (isCut) void socket.close({ code: 1011, reason: "nobody here" });
      else socket.connectToServer();
    });
    await page.reload();
    await page.getByText("Gateway unreachable").waitFor();
    await page.getByText(/Next attempt in \d+ s/).waitFor();
    isCut = false;
    await page.getByRole("button", { name: "Retry now" }).click();
    await chat.composer.waitFor();
    expect(await page.getByText("Gateway unreachable").count()).toBe(0);
    await chat.close();
  });

  test("a new link pasted into the tab signs in, and a link that does not fit says so", async () => {
    const chat = await openPage(suite.browser, suite.gateway.origin);
    const { page } = chat;
    await page.getByLabel("Token or password").waitFor();
    await page.evaluate(() => {
      location.hash = "#token=stale";
    });
    await page.getByText("Wrong token").waitFor();
    expect(page.url()).toBe(`${suite.gateway.origin}/`);
    await page.evaluate((secret) => {
      location.hash = `#token=${secret}`;
    }, token);
    await chat.composer.waitFor();
    expect(page.url()).toBe(`${suite.gateway.origin}/chat/main`);
    await chat.close();
  });

  test("T-A1: no part of the address can name another gateway", async () => {
    const visits: string[] = [];
    const evil = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    evil.on("connection", (_, request) => visits.push(request.url ?? ""));
    await once(evil, "listening");
    const address = evil.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    const elsewhere = encodeURIComponent(`ws://127.0.0.1:${address.port}`);
    const names = ["gatewayUrl", "gateway", "url", "server", "host", "ws", "wsUrl"];
    const query = names.map((name) => `${name}=${elsewhere}`).join("&");
    const chat = await openPage(suite.browser, `${suite.gateway.origin}/?${query}&token=wrong#token=${token}&${query}`);
    await chat.composer.waitFor();
    expect([...chat.origins]).toEqual([suite.gateway.origin]);
    expect(chat.page.url()).not.toContain(token);
    expect(visits).toEqual([]);
    await chat.close();
    evil.close();
  });

  test("T-A6: hostile texts in answers, messages, titles and names run nothing and load nothing", async () => {
    const payload = '<img src=x onerror=alert(1)><script>alert(1)</script>"><svg onload=alert(1)>';
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir, agentName: payload });
    const half = Math.ceil(hostileMarkdown.length / 2);
    let links = 0;
    for (const vectors of [hostileMarkdown.slice(0, half), hostileMarkdown.slice(half)]) {
      // Ends a processing instruction, which would swallow the vectors after it.
      const text = vectors.join("\n\n?>\n\n");
      own.provider.script(() => ({ kind: "answer", text: [text, "\n\nthe end"], reasoning: payload }));
      const chat = await suite.openChat({}, own);
      const { page } = chat;
      await chat.send(`${payload} ${vectors[0]}`);
      await chat.answers.filter({ hasText: "the end" }).waitFor();
      await chat.runningAnswer.waitFor({ state: "detached" });
      await page.reload();
      // Rendered as markdown, not as the plain text that stands there until the renderer is loaded.
      await chat.answers.locator(".prose", { hasText: "the end" }).first().waitFor();
      const found = await page.evaluate(() => {
        const all = [...document.querySelectorAll("#root *")];
        const links = [...document.querySelectorAll<HTMLAnchorElement>("#root article a")];
        return {
          elements: all.filter(
            (element) =>
              /^(script|img|iframe|object|embed|video|audio|link|style|base|meta|form)$/i.test(element.tagName) &&
              element.closest("article") !== null,
          ).length,
          handlers: all
            .flatMap((element) => element.getAttributeNames())
            .filter((name) => /^on|^style$|^srcdoc$/.test(name) && name !== "style"),
          links: links
            .filter(({ protocol, rel }) => !/^(https?|mailto):$/.test(protocol) || rel !== "noopener noreferrer")
            .map(({ href }) => href),
          count: links.length,
        };
      });
      expect(found).toMatchObject({ elements: 0, handlers: [], links: [] });
      links += found.count;
      expect(chat.complaints).toEqual([]);
      expect([...chat.origins]).toEqual([own.origin]);
      await chat.close();
    }
    expect(links).toBeGreaterThan(0);
  });
});
