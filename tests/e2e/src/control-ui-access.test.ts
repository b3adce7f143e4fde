import { expect, test } from "vitest";
import { barriers } from "./barriers.ts";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";

describeInBrowser("the dashboard: no barriers", (suite) => {
  test.each(["light", "dark"] as const)("in %s colours", async (colorScheme) => {
    const visitor = await openPage(suite.browser, suite.gateway.origin, { colorScheme });
    const secret = visitor.page.getByLabel("Token or password");
    await secret.fill("wrong");
    await secret.press("Enter");
    await visitor.page.getByText("Wrong token").waitFor();
    expect(await barriers(visitor.page)).toEqual([]);
    await visitor.close();

    const chat = await suite.openChat({ colorScheme, reducedMotion: "reduce" });
    const { page } = chat;
    await page.getByText("What would you like to do?").waitFor();
    expect(await barriers(page)).toEqual([]);

    await chat.send("[[tool]] **look** at https://example.com and `code`");
    await chat.answers.filter({ hasText: "The file says" }).waitFor();
    await page.locator("summary").first().click();
    suite.gateway.provider.script(() => ({
      kind: "answer",
      text: "# Title\n\n> quote\n\n1. one\n\n[link](https://example.com)\n\n```ts\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done",
      reasoning: "Thinking.",
    }));
    await chat.send("everything");
    await chat.answers.filter({ hasText: "Title" }).waitFor();
    suite.gateway.provider.script();
    await chat.send("[[400]]");
    await page.locator('[data-ending="error"]').waitFor();
    await chat.send("[[slow]]");
    await chat.runningAnswer.filter({ hasText: "word1" }).waitFor();
    await chat.send("queued");
    await page.locator(`[data-kind="pending"]`).getByText("Queued", { exact: true }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await chat.composer.press("Escape");
    await chat.answers.filter({ hasText: "You said: queued" }).waitFor();

    await page.setViewportSize({ width: 360, height: 700 });
    await page.getByRole("button", { name: "Open chats" }).click();
    await page.getByRole("dialog", { name: "Chats" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await chat.close();
  });
});
