import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { token } from "./gateway-fixture.ts";

describeInBrowser("the dashboard: talking to an agent", (suite) => {
  test("connects with the token of the link, sends, shows the answer as it grows", async () => {
    const chat = await openPage(suite.browser, `${suite.gateway.origin}/#token=${token}`);
    const { page } = chat;
    await chat.composer.waitFor();
    // The token is out of the address and kept nowhere; what the browser was given for it stays in this tab.
    expect(page.url()).toBe(`${suite.gateway.origin}/chat/main`);
    expect(
      await page.evaluate(() => [
        JSON.stringify([sessionStorage, localStorage]).includes("e2e-token"),
        JSON.stringify(sessionStorage).includes("device-token"),
        localStorage.length,
      ]),
    ).toEqual([false, true, 0]);
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);

    const words = Array.from({ length: 20 }, (_, index) => `step${index} `);
    suite.gateway.provider.script(() => ({ kind: "answer", text: words, delayMs: 60 }));
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
    suite.gateway.provider.script();
    const seen = (await page.evaluate(() => Reflect.get(window, "seen") as string[]))
      .map((text) => text.trim())
      .filter((text) => text !== "");
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
    expect([...chat.origins]).toEqual([suite.gateway.origin]);
    await chat.close();
  });

  test("stops a slow answer, keeps what was said, and tells the provider", async () => {
    const chat = await suite.openChat();
    await chat.send("Take your time [[slow]]");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    const request = suite.gateway.provider.requests.findLast(({ lastUserText }) => lastUserText.includes("[[slow]]"));
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
    const chat = await suite.openChat();
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
    const chat = await suite.openChat();
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
    const chat = await suite.openChat();
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
});
