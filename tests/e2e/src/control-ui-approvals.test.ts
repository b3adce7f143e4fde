import { expect, test } from "vitest";
import { describeInBrowser } from "./browser-suite.ts";

describeInBrowser("the dashboard: commands that wait for a person", (suite) => {
  const cardOf = (chat: Awaited<ReturnType<typeof suite.openChat>>, command: string) =>
    chat.page.locator('[data-kind="approval"]').filter({ hasText: command });

  test("a command is shown whole, runs when it is allowed, and its outcome comes to the chat", async () => {
    const chat = await suite.openChat();
    const other = await suite.openChat();
    await chat.send("[[exec:echo run-by-a-person 'two words']]");
    const card = cardOf(chat, "echo run-by-a-person");
    await card.waitFor();
    expect(await card.locator("[data-command]").textContent()).toBe("echo run-by-a-person 'two words'");
    expect(await card.locator("[data-countdown]").textContent()).toMatch(/^\d+ s left$/);
    expect(await card.textContent()).toContain("/workspace");
    await cardOf(other, "echo run-by-a-person").waitFor();
    await card.getByRole("button", { name: "Allow once" }).click();
    await Promise.all([card, cardOf(other, "echo run-by-a-person")].map((each) => each.waitFor({ state: "detached" })));
    await chat.answers.filter({ hasText: /an approved command has ended[\s\S]*run-by-a-person two words/ }).waitFor();
    expect(chat.complaints).toEqual([]);
    await Promise.all([chat.close(), other.close()]);
  });

  test("T-E4: nothing of a command is hidden, and what cannot be allowed always is not offered", async () => {
    const chat = await suite.openChat();
    const long = "x".repeat(3_000);
    await chat.send(`[[exec:echo ${long}; rm -rf ./\u202Ecod.exe]]`);
    const card = cardOf(chat, "rm -rf");
    await card.waitFor();
    expect(await card.locator("[data-command]").textContent()).toBe(`echo ${long}; rm -rf ./⟦U+202E⟧cod.exe`);
    expect(await card.getByRole("button").allTextContents()).toEqual(["Allow once", "Deny"]);
    await card.getByRole("button", { name: "Deny" }).click();
    await card.waitFor({ state: "detached" });
    await chat.answers.filter({ hasText: "a person denied this command" }).waitFor();
    await chat.close();
  });

  test("what is always allowed does not ask again, and a reload shows what still waits", async () => {
    const chat = await suite.openChat();
    await chat.send("[[exec:echo always-fine]]");
    const card = cardOf(chat, "echo always-fine");
    await card.waitFor();
    await chat.page.reload();
    await card.waitFor();
    await card.getByRole("button", { name: "Always allow" }).click();
    await chat.answers.filter({ hasText: /an approved command has ended[\s\S]*always-fine/ }).waitFor();
    await chat.send("[[exec:echo always-fine]] again");
    await chat.answers.filter({ hasText: "The tool says: always-fine" }).waitFor();
    expect(await card.count()).toBe(0);
    await chat.close();
  });
});
