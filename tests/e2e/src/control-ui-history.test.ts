import { createNodeClient } from "@openclaw-gateway/client";
import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { token } from "./gateway-fixture.ts";

const messages = 1_100;

describeInBrowser("the dashboard: long and busy conversations", (suite) => {
  test("whoever scrolls up reaches the first of more than a thousand messages, and what is read stays in place", async () => {
    const client = createNodeClient({ url: suite.gateway.origin, token, scopes: ["operator.admin"] });
    await client.connect();
    const sessionKey = "long";
    await client.request("sessions.patch", { key: sessionKey, label: "Long" });
    const inject = (n: number) => client.request("chat.inject", { sessionKey, message: `Message number ${n}.` });
    const together = 100;
    for (let n = 1; n <= messages; n += together)
      await Promise.all(Array.from({ length: together }, (_, index) => inject(n + index)));
    await client.close();

    const chat = await openPage(suite.browser, `${suite.gateway.origin}/chat/${sessionKey}#token=${token}`);
    const { page, conversation } = chat;
    const message = (n: number) => conversation.getByText(`Message number ${n}.`, { exact: true });
    await message(messages).waitFor();
    expect(await message(messages - 200).count()).toBe(0);

    const shown = conversation.getByText(/^Message number \d+\.$/);
    for (let pages = 0; (await message(1).count()) === 0; pages++) {
      expect(pages).toBeLessThan(20);
      const before = await shown.count();
      await conversation.evaluate((element) => (element.scrollTop = 0));
      await expect.poll(() => shown.count(), { timeout: 20_000 }).toBeGreaterThan(before);
      // What stood at the top is still there to be read.
      const top = message(messages - before + 1);
      await expect
        .poll(() => top.evaluate((element) => Math.round(element.getBoundingClientRect().top)), { timeout: 20_000 })
        .toSatisfy((y: number) => y > -400 && y < 800);
    }
    expect(await shown.count()).toBe(messages);
    expect(await page.getByRole("button", { name: "Show earlier messages" }).count()).toBe(0);
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });

  test("a queued message is still there after a reload, and is answered", async () => {
    const chat = await suite.openChat();
    const { page } = chat;
    await chat.send("one [[slow]]");
    await chat.runningAnswer.filter({ hasText: "word3" }).waitFor();
    await chat.send("and another one");
    const queued = page.locator('[data-kind="pending"]').filter({ hasText: "and another one" });
    await queued.getByText("Queued").waitFor();
    await page.reload();
    await queued.getByText("Queued").waitFor();
    await chat.runningAnswer.waitFor();
    await page.getByRole("button", { name: /Stop/ }).click();
    await chat.ownMessages.filter({ hasText: "and another one" }).waitFor();
    await expect.poll(() => queued.count(), { timeout: 20_000 }).toBe(0);
    await chat.close();
  });
});
