import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { barriers } from "./barriers.ts";
import { describeInBrowser } from "./browser-suite.ts";

describeInBrowser("the dashboard: large results of tools", (suite) => {
  test("are opened in their place, part by part, also after a reload", async () => {
    const lines = Array.from({ length: 900 }, (_, index) => `line ${String(index).padStart(4, "0")} ${"é".repeat(15)}`);
    await writeFile(join(suite.gateway.workspace, "LARGE.txt"), lines.join("\n"));
    const chat = await suite.openChat({ reducedMotion: "reduce" });
    const { page } = chat;
    await chat.send("[[tool:LARGE.txt]]");
    await chat.answers.filter({ hasText: "The file says" }).waitFor();
    await page.reload();
    const card = page.locator("details").filter({ has: page.getByText("read", { exact: true }) });
    await card.locator("summary").click();
    await card.getByText(/This is the beginning of \d/).waitFor();
    expect(await card.textContent()).not.toContain("line 0899");
    await card.getByRole("button", { name: "Show all of it" }).click();

    const output = card.getByLabel("Stored output");
    await output.filter({ hasText: "line 0000" }).waitFor();
    const first = (await output.textContent()) ?? "";
    expect(await card.getByRole("button", { name: "Previous part" }).isDisabled()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await card.getByRole("button", { name: "Next part" }).click();
    await output.filter({ hasText: "line 0899" }).waitFor();
    const second = (await output.textContent()) ?? "";
    // Nothing is lost or doubled where one part ends, not even half a character.
    expect(`${first}${second}`.split("\n").slice(0, lines.length)).toEqual(lines);
    expect(await card.getByRole("button", { name: "Next part" }).isDisabled()).toBe(true);
    await card.getByRole("button", { name: "Previous part" }).click();
    await output.filter({ hasText: "line 0000" }).waitFor();
    await card.getByRole("button", { name: "Close" }).click();
    await card.getByText(/This is the beginning of \d/).waitFor();
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });
});
