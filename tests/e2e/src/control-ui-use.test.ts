import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { token } from "./gateway-fixture.ts";

describeInBrowser("the dashboard: keyboard, phone, reading", (suite) => {
  test("everything works by keyboard", async () => {
    const chat = await openPage(suite.browser, suite.gateway.origin);
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
        const labels =
          element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
            ? [...(element.labels ?? [])].map(({ textContent }) => textContent)
            : [];
        const name =
          [element.getAttribute("aria-label"), ...labels, element.textContent]
            .map((text) => text?.trim())
            .find(Boolean) ?? "";
        const style = getComputedStyle(element);
        const frame = element.closest<HTMLElement>(":focus-within:not(:focus)");
        const hasOutline =
          style.outlineStyle !== "none" ||
          (frame !== null &&
            (getComputedStyle(frame).outlineStyle !== "none" || getComputedStyle(frame).boxShadow !== "none"));
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
    const chat = await suite.openChat();
    await chat.composer.focus();
    const devtools = await chat.page.context().newCDPSession(chat.page);
    await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    await devtools.send("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      key: "Enter",
      code: "Enter",
      windowsVirtualKeyCode: 229,
    });
    await devtools.send("Input.insertText", { text: "日本" });
    expect(await chat.composer.inputValue()).toBe("日本");
    await chat.composer.press("Enter");
    await chat.answers.filter({ hasText: "You said: 日本" }).waitFor();
    expect(await chat.ownMessages.count()).toBe(1);
    await chat.close();
  });

  test.each([390, 320])("a phone of %i pixels has everything, without sideways scrolling", async (width) => {
    const chat = await suite.openChat({ viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
    const { page } = chat;
    suite.gateway.provider.script(() => ({
      kind: "answer",
      text: `| a | b | c | d |\n|---|---|---|---|\n| ${"wide ".repeat(30)} | x | y | z |\n\n\`\`\`\n${"long".repeat(100)}\n\`\`\`\n\n${"unbroken".repeat(40)}`,
    }));
    await chat.send(`hello${"o".repeat(200)}`);
    await chat.answers.filter({ hasText: "unbroken" }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    suite.gateway.provider.script();
    const overflow = () =>
      page.evaluate(
        () =>
          Math.max(
            document.documentElement.scrollWidth,
            document.querySelector('[aria-label="Conversation"]')?.scrollWidth ?? 0,
          ) - innerWidth,
      );
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
    const chat = await suite.openChat({ viewport: { width: 1000, height: 500 } });
    const { page } = chat;
    suite.gateway.provider.script(({ lastUserText }) => ({
      kind: "answer",
      text:
        lastUserText === "long"
          ? Array.from({ length: 60 }, (_, index) => `line ${index}\n\n`)
          : Array.from({ length: 60 }, (_, index) => `more ${index}\n\n`),
      delayMs: 10,
    }));
    await chat.send("long");
    await chat.answers.filter({ hasText: "line 59" }).waitFor();
    await page.getByText("line 59", { exact: true }).waitFor();
    const distance = () =>
      chat.conversation.evaluate((frame) => frame.scrollHeight - frame.scrollTop - frame.clientHeight);
    const atEnd = () =>
      page.waitForFunction(() => {
        const frame = document.querySelector('[aria-label="Conversation"]');
        return frame !== null && frame.scrollHeight - frame.scrollTop - frame.clientHeight < 5;
      });
    await atEnd();
    await chat.send("again");
    await chat.answers.filter({ hasText: "more 3" }).waitFor();
    await chat.conversation.hover();
    await page.mouse.wheel(0, -600);
    const jump = page.getByRole("button", { name: "Jump to latest" });
    await jump.waitFor();
    const top = await chat.conversation.evaluate((frame) => frame.scrollTop);
    await chat.answers.filter({ hasText: "more 59" }).waitFor();
    await chat.runningAnswer.waitFor({ state: "detached" });
    suite.gateway.provider.script();
    expect(await distance()).toBeGreaterThan(300);
    expect(await chat.conversation.evaluate((frame) => frame.scrollTop)).toBeLessThanOrEqual(top + 1);
    await jump.click();
    await jump.waitFor({ state: "detached" });
    await page.getByText("more 59", { exact: true }).waitFor();
    await atEnd();
    await chat.close();
  });

  test("the theme follows the device until one is chosen, which lasts", async () => {
    const chat = await suite.openChat({ colorScheme: "dark" });
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
