import { once } from "node:events";
import { hostileMarkdown } from "@openclaw-gateway/control-ui/testing";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { type ChatPage, openPage } from "./chat-page.ts";
import { buildDashboard } from "./dashboard-build.ts";
import { findBrowser } from "./find-browser.ts";
import { createGatewayFixture, type GatewayFixture, token } from "./gateway-fixture.ts";

const executablePath = findBrowser();
const isRequired = process.env["CI"] === "true";
if (executablePath === undefined && !isRequired) console.warn("skipped: the browser tests of the dashboard; no Chrome or Chromium is installed");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

describe.skipIf(executablePath === undefined && !isRequired)("the dashboard in a browser", () => {
  let browser: Browser;
  let dashboard: Awaited<ReturnType<typeof buildDashboard>>;
  let gateway: GatewayFixture;
  let chats = 0;

  beforeAll(async () => {
    if (executablePath === undefined) throw new Error("no Chrome or Chromium is installed");
    [dashboard, browser] = await Promise.all([buildDashboard(), chromium.launch({ executablePath, headless: true, args: flags })]);
    gateway = await createGatewayFixture({ dashboardDir: dashboard.dir });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
    await dashboard?.[Symbol.asyncDispose]();
  });

  /** A signed-in page on a chat of its own. */
  async function openChat(options: Parameters<typeof openPage>[2] = {}, on: GatewayFixture = gateway): Promise<ChatPage> {
    const chat = await openPage(browser, `${on.origin}/chat/test-${++chats}#token=${token}`, options);
    await chat.composer.waitFor();
    return chat;
  }

  test("connects with the token of the link, sends, shows the answer as it grows", async () => {
    const chat = await openPage(browser, `${gateway.origin}/#token=${token}`);
    const { page } = chat;
    await chat.composer.waitFor();
    // The token is out of the address, in this tab only.
    expect(page.url()).toBe(`${gateway.origin}/chat/main`);
    expect(await page.evaluate(() => [JSON.stringify(sessionStorage).includes("e2e-token"), JSON.stringify(localStorage).includes("e2e-token")])).toEqual([true, false]);
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);

    const words = Array.from({ length: 20 }, (_, index) => `step${index} `);
    gateway.provider.script(() => ({ kind: "answer", text: words, delayMs: 60 }));
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const text = document.querySelector('[data-kind="answer"] .prose')?.textContent ?? "";
        if (text !== seen.at(-1)) seen.push(text);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await chat.send("Count, please");
    await chat.ownMessages.filter({ hasText: "Count, please" }).waitFor();
    await chat.answers.filter({ hasText: "step19" }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    gateway.provider.script();
    const seen = (await page.evaluate(() => Reflect.get(window, "seen") as string[])).map((text) => text.trim()).filter((text) => text !== "");
    const whole = words.join("").trim();
    expect(seen.at(-1)).toBe(whole);
    const parts = seen.filter((text) => text !== whole);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const part of parts) expect(whole.startsWith(part)).toBe(true);
    // Read aloud once, when it is complete.
    expect((await page.locator("[data-announcement]").textContent())?.trim()).toBe(whole);

    await page.reload();
    await chat.answers.filter({ hasText: "step19" }).waitFor();
    expect(await chat.answers.count()).toBe(1);
    expect(await chat.ownMessages.count()).toBe(1);
    expect(chat.complaints).toEqual([]);
    expect([...chat.origins]).toEqual([gateway.origin]);
    await chat.close();
  });

  test("stops a slow answer, keeps what was said, and tells the provider", async () => {
    const chat = await openChat();
    await chat.send("Take your time [[slow]]");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    const request = gateway.provider.requests.findLast(({ lastUserText }) => lastUserText.includes("[[slow]]"));
    await chat.page.getByRole("button", { name: "Stop answering" }).click();
    await chat.page.getByText("Stopped", { exact: true }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    expect(await request?.finished).toBe(false);
    const said = await chat.answers.textContent();
    expect(said).toContain("word3");
    expect(said).not.toContain("word199");

    await chat.page.reload();
    await chat.page.getByText("Stopped", { exact: true }).waitFor();
    expect(await chat.answers.textContent()).toContain("word3");

    await chat.send("And now?");
    await chat.answers.filter({ hasText: "You said: And now?" }).waitFor();
    expect(await chat.answers.count()).toBe(2);
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });

  test("a reload in the middle of an answer continues it, once", async () => {
    const chat = await openChat();
    await chat.send("[[slow]] please");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    await chat.page.reload();
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    await chat.runningAnswer.filter({ hasText: "word20" }).waitFor();
    expect(((await chat.answers.textContent()) ?? "").split("word3 ").length).toBe(2);
    expect(await chat.ownMessages.count()).toBe(1);
    await chat.composer.press("Escape");
    await chat.page.getByText("Stopped", { exact: true }).waitFor();
    expect(await chat.answers.count()).toBe(1);
    await chat.close();
  });

  test("messages sent meanwhile wait their turn, or are taken back", async () => {
    const chat = await openChat();
    await chat.send("[[slow]] first");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    await chat.send("second");
    await chat.send("third");
    const pending = chat.page.locator('[data-kind="pending"]');
    await pending.filter({ hasText: "second" }).getByText("Queued").waitFor();
    await pending.filter({ hasText: "third" }).getByRole("button", { name: "Cancel this queued message" }).click();
    await pending.filter({ hasText: "third" }).getByText("Stopped before it began").waitFor();
    await chat.composer.press("Escape");
    await chat.answers.filter({ hasText: "You said: second" }).waitFor();
    await pending.filter({ hasText: "third" }).getByRole("button", { name: "Remove" }).click();
    expect(await pending.count()).toBe(0);
    expect(await chat.ownMessages.allTextContents()).toEqual(["[[slow]] first", "second"]);
    await chat.close();
  });

  test("thoughts and tools are cards that open, a failure says why and can be repeated", async () => {
    const chat = await openChat();
    await chat.send("[[tool]] look");
    await chat.answers.filter({ hasText: "The file says" }).waitFor();
    const card = chat.page.locator("details", { hasText: "NOTES.md" });
    await card.locator("summary").click();
    await card.getByText("Water the plants.").waitFor();
    expect(await card.count()).toBe(1);

    await chat.send("[[think]] about it");
    await chat.page.locator("details", { hasText: "Thought" }).locator("summary").click();
    await chat.page.getByText("Thinking about it.").waitFor();

    await chat.send("[[400x1]] once");
    await chat.page.locator('[data-ending="error"]').waitFor();
    await chat.page.getByRole("button", { name: "Ask again" }).click();
    await chat.answers.filter({ hasText: "You said: [[400x1]] once" }).waitFor();
    expect(await chat.ownMessages.filter({ hasText: "once" }).count()).toBe(2);

    await chat.page.reload();
    await chat.page.locator('[data-ending="error"]').waitFor();
    expect(await chat.page.locator("details", { hasText: "NOTES.md" }).count()).toBe(1);
    await chat.close();
  });

  test("wrong token, lockout with its end, then the right one", async () => {
    await using strict = await createGatewayFixture({ dashboardDir: dashboard.dir, overrides: { rateLimit: { maxFailures: 2, windowMs: 60_000, lockoutMs: 3_000 } } });
    const chat = await openPage(browser, `${strict.origin}/chat/later`);
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
    await alert.filter({ hasText: /Too many failed attempts.*in \d seconds?/ }).waitFor();
    expect(await page.getByRole("button", { name: "Connect" }).isDisabled()).toBe(true);
    await alert.filter({ hasText: "You can try again" }).waitFor();
    await field.fill(token);
    await page.getByLabel("Remember on this device").check();
    await field.press("Enter");
    await chat.composer.waitFor();
    expect(page.url()).toBe(`${strict.origin}/chat/later`);
    expect(await page.evaluate(() => [sessionStorage.length, JSON.stringify(localStorage).includes("e2e-token")])).toEqual([0, true]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await field.waitFor();
    expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
    await chat.close();
  });

  test("says that the gateway is gone, comes back with it, and doubles nothing", async () => {
    await using own = await createGatewayFixture({ dashboardDir: dashboard.dir });
    const chat = await openChat({}, own);
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
    const chat = await openChat();
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
    await chat.close();
  });

  test("no part of the address can name another gateway", async () => {
    const visits: string[] = [];
    const evil = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    evil.on("connection", (_, request) => visits.push(request.url ?? ""));
    await once(evil, "listening");
    const address = evil.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    const elsewhere = encodeURIComponent(`ws://127.0.0.1:${address.port}`);
    const names = ["gatewayUrl", "gateway", "url", "server", "host", "ws", "wsUrl"];
    const query = names.map((name) => `${name}=${elsewhere}`).join("&");
    const chat = await openPage(browser, `${gateway.origin}/?${query}&token=wrong#token=${token}&${query}`);
    await chat.composer.waitFor();
    expect([...chat.origins]).toEqual([gateway.origin]);
    expect(chat.page.url()).not.toContain(token);
    expect(visits).toEqual([]);
    await chat.close();
    evil.close();
  });

  test("hostile texts in answers, messages, titles and names run nothing and load nothing", async () => {
    const payload = '<img src=x onerror=alert(1)><script>alert(1)</script>"><svg onload=alert(1)>';
    await using own = await createGatewayFixture({ dashboardDir: dashboard.dir, agentName: payload });
    const half = Math.ceil(hostileMarkdown.length / 2);
    let links = 0;
    for (const vectors of [hostileMarkdown.slice(0, half), hostileMarkdown.slice(half)]) {
      // Ends a processing instruction, which would swallow the vectors after it.
      const text = vectors.join("\n\n?>\n\n");
      own.provider.script(() => ({ kind: "answer", text: [text, "\n\nthe end"], reasoning: payload }));
      const chat = await openChat({}, own);
      const { page } = chat;
      await chat.send(`${payload} ${vectors[0]}`);
      await chat.answers.filter({ hasText: "the end" }).waitFor();
      await chat.runningAnswer.waitFor({ state: "detached" });
      await page.reload();
      await chat.answers.filter({ hasText: "the end" }).waitFor();
      const found = await page.evaluate(() => {
        const all = [...document.querySelectorAll("#root *")];
        const links = [...document.querySelectorAll<HTMLAnchorElement>("#root article a")];
        return {
          elements: all.filter((element) => /^(script|img|iframe|object|embed|video|audio|link|style|base|meta|form)$/i.test(element.tagName) && element.closest("article") !== null).length,
          handlers: all.flatMap((element) => element.getAttributeNames()).filter((name) => /^on|^style$|^srcdoc$/.test(name) && name !== "style"),
          links: links.filter(({ protocol, rel }) => !/^(https?|mailto):$/.test(protocol) || rel !== "noopener noreferrer").map(({ href }) => href),
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

  test("everything works by keyboard", async () => {
    const chat = await openPage(browser, gateway.origin);
    const { page } = chat;
    await page.getByLabel("Token or password").waitFor();
    await page.keyboard.type(token);
    await page.keyboard.press("Enter");
    await chat.composer.waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "message");
    const before = page.url();

    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        if (element === null || element === document.body) return { name: "(page)", isVisible: true };
        const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? [...(element.labels ?? [])].map(({ textContent }) => textContent) : [];
        const name = [element.getAttribute("aria-label"), ...labels, element.textContent].map((text) => text?.trim()).find(Boolean) ?? "";
        const style = getComputedStyle(element);
        const frame = element.closest<HTMLElement>(":focus-within:not(:focus)");
        const hasOutline = style.outlineStyle !== "none" || (frame !== null && (getComputedStyle(frame).outlineStyle !== "none" || getComputedStyle(frame).boxShadow !== "none"));
        return { name, isVisible: hasOutline };
      });
    const walk = async (key: string, until: string) => {
      for (let steps = 0; steps < 40; steps++) {
        await page.keyboard.press(key);
        const { name, isVisible } = await focused();
        expect(name).not.toBe("");
        expect({ name, isVisible }).toEqual({ name, isVisible: true });
        if (name.includes(until)) return;
      }
      throw new Error(`${until} cannot be reached by ${key}`);
    };
    await walk("Shift+Tab", "New chat");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.href !== before);
    await page.waitForFunction(() => document.activeElement?.id === "message");
    expect(page.url()).toMatch(/\/chat\/chat-[0-9a-f-]{32,36}$/);

    await page.keyboard.type("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two [[slow]]");
    await page.keyboard.press("Enter");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Stopped", { exact: true }).waitFor();
    expect(await chat.ownMessages.textContent()).toBe("one\ntwo [[slow]]");
    await walk("Shift+Tab", "Copy answer");
    await walk("Tab", "Message");
    await page.goBack();
    await page.waitForURL(before);
    expect(await chat.ownMessages.filter({ hasText: "one" }).count()).toBe(0);
    await chat.close();
  });

  test("Enter that ends an input method's word does not send", async () => {
    const chat = await openChat();
    await chat.composer.focus();
    const devtools = await chat.page.context().newCDPSession(chat.page);
    await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 });
    await devtools.send("Input.insertText", { text: "日本" });
    expect(await chat.composer.inputValue()).toBe("日本");
    await chat.composer.press("Enter");
    await chat.answers.filter({ hasText: "You said: 日本" }).waitFor();
    expect(await chat.ownMessages.count()).toBe(1);
    await chat.close();
  });

  test.each([390, 320])("a phone of %i pixels has everything, without sideways scrolling", async (width) => {
    const chat = await openChat({ viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
    const { page } = chat;
    gateway.provider.script(() => ({ kind: "answer", text: `| a | b | c | d |\n|---|---|---|---|\n| ${"wide ".repeat(30)} | x | y | z |\n\n\`\`\`\n${"long".repeat(100)}\n\`\`\`\n\n${"unbroken".repeat(40)}` }));
    await chat.send(`hello${"o".repeat(200)}`);
    await chat.answers.filter({ hasText: "unbroken" }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    gateway.provider.script();
    const overflow = () => page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.querySelector('[aria-label="Conversation"]')?.scrollWidth ?? 0) - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);

    const menu = page.getByRole("button", { name: "Open chats" });
    await menu.tap();
    const drawer = page.getByRole("dialog", { name: "Chats" });
    await drawer.locator('a[aria-current="page"]', { hasText: "hello" }).waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Open chats");
    await menu.tap();
    await drawer.getByRole("button", { name: "New chat" }).tap();
    await drawer.waitFor({ state: "hidden" });
    await page.getByText("What would you like to do?").waitFor();
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });

  test("whoever reads above is left there until they jump to the latest", async () => {
    const chat = await openChat({ viewport: { width: 1000, height: 500 } });
    const { page } = chat;
    gateway.provider.script(({ lastUserText }) => ({ kind: "answer", text: lastUserText === "long" ? Array.from({ length: 60 }, (_, index) => `line ${index}\n\n`) : Array.from({ length: 60 }, (_, index) => `more ${index}\n\n`), delayMs: 10 }));
    await chat.send("long");
    await chat.answers.filter({ hasText: "line 59" }).waitFor();
    await page.getByText("line 59", { exact: true }).waitFor();
    const distance = () => chat.conversation.evaluate((frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight);
    const atEnd = () =>
      page.waitForFunction(() => {
        const frame = document.querySelector('[aria-label="Conversation"]');
        return frame !== null && frame.scrollHeight - frame.scrollTop - frame.clientHeight < 5;
      });
    await atEnd();
    await chat.send("again");
    await chat.runningAnswer.filter({ hasText: "more 3" }).waitFor();
    await chat.conversation.hover();
    await page.mouse.wheel(0, -600);
    const jump = page.getByRole("button", { name: "Jump to latest" });
    await jump.waitFor();
    const top = await chat.conversation.evaluate((frame) => frame.scrollTop);
    await chat.answers.filter({ hasText: "more 59" }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    gateway.provider.script();
    expect(await distance()).toBeGreaterThan(300);
    expect(await chat.conversation.evaluate((frame) => frame.scrollTop)).toBeLessThanOrEqual(top + 1);
    await jump.click();
    await jump.waitFor({ state: "detached" });
    await page.getByText("more 59", { exact: true }).waitFor();
    await atEnd();
    await chat.close();
  });

  test("the theme follows the device until one is chosen, which lasts", async () => {
    const chat = await openChat({ colorScheme: "dark" });
    const { page } = chat;
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.emulateMedia({ colorScheme: "light" });
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.getByRole("button", { name: "Theme: as the device" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    expect(await paper()).toBe(dark);
    await page.reload();
    await chat.composer.waitFor();
    expect(await paper()).toBe(dark);
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });
});
