import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundlePage } from "./chat-client/bundle.ts";
import { type Site, siteKinds, startSite } from "./chat-client/sites.ts";
import { watchPage } from "./chat-client/watched-page.ts";
import { describeInChromium } from "./chromium.ts";
import { createGatewayFixture, type GatewayFixture, token } from "./gateway-fixture.ts";

// A busy machine takes its time to open pages.
vi.setConfig({ testTimeout: 180_000 });

describeInChromium("the browser client", (suite) => {
  let gateway: GatewayFixture;
  let script: string;
  let site: Site;
  const target = () => ({ url: gateway.origin, token });

  beforeAll(async () => {
    script = await bundlePage();
    site = await startSite("node", script, target);
    gateway = await createGatewayFixture({ allowedOrigins: [site.origin] });
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
  });

  test.each(siteKinds)("chats through the proxy of a site (%s) and never holds the token", async (kind) => {
    await using own = await startSite(kind, script, target);
    const chat = await watchPage(suite.browser, `${own.origin}/?session=through-${kind.replaceAll(" ", "-")}`);
    await chat.send("good morning");
    await chat.answers
      .filter({ hasText: "You said: good morning" })
      .and(chat.page.locator('[data-state="final"]'))
      .waitFor();
    await chat.send("[[tool]] my notes");
    await chat.answers.filter({ hasText: "Water the plants" }).and(chat.page.locator('[data-state="final"]')).waitFor();
    const everything = await chat.everything();
    // What is looked through is there: the page's own words, and frames of both directions.
    for (const known of ["good morning", "connect.challenge", "hello-ok", "gateway-client"])
      expect(everything).toContain(known);
    expect(everything).not.toContain(token);
    expect(JSON.stringify(own.events)).not.toContain(token);
    await chat.close();
  });

  test("direct, with a token, from a page that another server delivered", async () => {
    const url = encodeURIComponent(gateway.origin.replace("http", "ws"));
    const chat = await watchPage(suite.browser, `${site.origin}/?session=direct&url=${url}#token=${token}`);
    await chat.send("hello");
    await chat.answers.filter({ hasText: "You said: hello" }).and(chat.page.locator('[data-state="final"]')).waitFor();
    // The same search finds it where it is.
    expect(await chat.everything()).toContain(token);
    await chat.close();
  });

  test("direct, as a device: once with the token, from then on with its key alone", async () => {
    const url = encodeURIComponent(gateway.origin.replace("http", "ws"));
    const address = `${site.origin}/?session=device&device&url=${url}`;
    const chat = await watchPage(suite.browser, `${address}#token=${token}`);
    await chat.page.getByText("connected").waitFor();
    await chat.page.goto("about:blank");
    const before = chat.traffic.length;
    await chat.page.goto(address);
    await chat.send("hello again");
    await chat.answers.filter({ hasText: "You said: hello again" }).waitFor();
    expect(chat.traffic.slice(before).join()).not.toContain(token);
    await chat.close();
  });

  test("streams, and stops when told", async () => {
    const chat = await watchPage(suite.browser, `${site.origin}/?session=stopped`);
    await chat.send("[[slow]]");
    await chat.answers.filter({ hasText: "word3" }).waitFor();
    await chat.page.getByRole("button", { name: "Stop" }).click();
    await chat.page.locator('[data-state="aborted"]').waitFor();
    expect(await chat.answers.last().textContent()).toMatch(/^word0 .*word3/);
    await chat.close();
  });

  test("an answer that a lost link interrupts comes whole, from one run", async () => {
    const context = await suite.browser.newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    let cut = (): void => {};
    let links = 0;
    await page.routeWebSocket(/.*/, (socket) => {
      links++;
      const server = socket.connectToServer();
      cut = () => {
        void server.close();
        void socket.close({ code: 4999, reason: "cut" });
      };
    });
    const words = Array.from({ length: 80 }, (_, index) => `word${index} `);
    gateway.provider.script(() => ({ kind: "answer", text: words, delayMs: 50 }));
    const asked = gateway.provider.requests.length;
    await page.goto(`${site.origin}/?session=cut`);
    await page.getByRole("textbox", { name: "Message" }).fill("tell me");
    await page.keyboard.press("Enter");
    const answer = page.locator('[data-role="assistant"]').last();
    for (const word of ["word10 ", "word30 ", "word50 "]) {
      await answer.filter({ hasText: word }).waitFor();
      cut();
    }
    await answer.and(page.locator('[data-state="final"]')).waitFor({ timeout: 60_000 });
    gateway.provider.script();
    expect((await answer.textContent())?.trim()).toBe(words.join("").trim());
    expect(links).toBeGreaterThan(1);
    expect(gateway.provider.requests.length - asked).toBe(1);
    await context.close();
  });

  test("comes back by itself when the gateway does", async () => {
    const chat = await watchPage(suite.browser, `${site.origin}/?session=restart`);
    await chat.send("before");
    await chat.answers.filter({ hasText: "You said: before" }).waitFor();
    await gateway.stop();
    await chat.page.getByText(/^lost: /).waitFor();
    await gateway.start();
    await chat.page.getByText("connected").waitFor();
    await chat.send("after");
    await chat.answers.filter({ hasText: "You said: after" }).waitFor();
    expect(await chat.page.locator('[data-role="user"]').allTextContents()).toEqual(["before", "after"]);
    await chat.close();
  });

  test("a page of a foreign site gets nothing from the proxy", async () => {
    await using foreign = await startSite("node", script, () => undefined);
    const url = encodeURIComponent(`${site.origin.replace("http", "ws")}/api/gateway/ws`);
    const chat = await watchPage(suite.browser, `${foreign.origin}/?url=${url}`);
    await chat.page.getByText(/^lost: /).waitFor();
    expect(site.events.at(-1)).toMatchObject({ event: "refused", status: 403, origin: foreign.origin });
    await chat.close();
  });
});
