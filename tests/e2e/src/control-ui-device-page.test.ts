import { createNodeClient } from "@openclaw-gateway/client";
import { expect, test, vi } from "vitest";
import { barriers } from "./barriers.ts";
import { describeInBrowser } from "./browser-suite.ts";
import { openPage } from "./chat-page.ts";
import { createGatewayFixture, token } from "./gateway-fixture.ts";
import { createTelephone } from "./telephone.ts";

// Several pages and gateways each, looked through for barriers, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 });

describeInBrowser("the dashboard: the page of devices", (suite) => {
  test("T-A6: shows who is let in, names as text, and renames, replaces, revokes and removes", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const telephone = createTelephone(own.origin, "Old phone");
    const first = telephone(["operator.read"]);
    await first.connect();
    const chat = await suite.openChat({ reducedMotion: "reduce", colorScheme: "dark" }, own);
    const { page } = chat;
    await page.getByRole("link", { name: "Devices" }).click();
    await page.waitForURL(`${own.origin}/devices`);
    const paired = page.getByRole("region", { name: "Paired devices" });
    const phone = paired.locator("[data-device]").filter({ hasText: "openclaw-ios" });
    const mine = paired.locator("[data-device]").filter({ hasText: "this browser" });
    await mine.getByText("connected").waitFor();
    await phone.getByText("connected").waitFor();
    expect(await barriers(page)).toEqual([]);

    await first.close();
    await phone.getByText(/seen just now/).waitFor();
    await phone.getByRole("button", { name: "Rename Old phone" }).click();
    await phone.getByLabel("Name").fill("<img src=x onerror=alert(1)>");
    await phone.getByLabel("Name").press("Enter");
    await phone.getByRole("heading", { name: "<img src=x onerror=alert(1)>" }).waitFor();
    expect((await own.call("device.pair.list")).paired.map(({ displayName }) => displayName)).toContain(
      "<img src=x onerror=alert(1)>",
    );

    await phone.getByRole("button", { name: "New token" }).click();
    expect(await barriers(page)).toEqual([]);
    await phone.getByRole("group").getByRole("button", { name: "New token" }).click();
    await phone.getByText("It is shown this once").waitFor();
    expect(await phone.locator("pre").textContent()).toMatch(/^\S{20,}$/);
    await phone.getByRole("button", { name: "Done" }).click();

    await phone.getByRole("button", { name: "Revoke" }).click();
    await phone.getByRole("button", { name: "Keep" }).click();
    await phone.getByRole("button", { name: "Revoke" }).click();
    await phone.getByRole("group").getByRole("button", { name: "Revoke" }).click();
    await phone.getByText("revoked", { exact: true }).waitFor();
    await phone.getByRole("button", { name: "Remove" }).click();
    await phone.getByRole("group").getByRole("button", { name: "Remove" }).click();
    await phone.waitFor({ state: "detached" });

    // Its own token is taken at once: the page only reconnects.
    await mine.getByRole("button", { name: "New token" }).click();
    await mine.getByRole("group").getByRole("button", { name: "New token" }).click();
    await page.reload();
    await mine.getByText("connected").waitFor();
    await mine.getByRole("button", { name: "Remove" }).click();
    await mine.getByRole("group").getByRole("button", { name: "Remove" }).click();
    await page.getByText("This browser's access has ended").waitFor();
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });

  test("lets nodes in as they ask", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const chat = await suite.openChat({ reducedMotion: "reduce" }, own);
    const { page } = chat;
    await page.getByRole("link", { name: "Devices" }).click();
    const operator = createNodeClient({ url: own.origin, token, reconnect: false, maxProtocol: 3 });
    await operator.connect();
    await operator.request("node.pair.request", { nodeId: "n-1", displayName: "Workshop", commands: ["camera.snap"] });
    await operator.close();
    const waiting = page.getByRole("region", { name: "Waiting for approval" });
    const node = waiting.getByRole("listitem").filter({ hasText: "wants to offer: camera.snap" });
    await node.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("region", { name: "Nodes" }).getByRole("heading", { name: "Workshop" }).waitFor();
    expect(await waiting.count()).toBe(0);
    await chat.close();
  });

  test("makes a code that pairs another browser, which sees the pages it may not use", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const chat = await suite.openChat({ reducedMotion: "reduce" }, own);
    const { page } = chat;
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("button", { name: "Code for a browser or app" }).click();
    const link = (await page.locator("pre").filter({ hasText: "#code=" }).textContent()) ?? "";
    await page.getByText(/9:\d\d left/).waitFor();
    expect(await barriers(page)).toEqual([]);
    // Nothing is wider than a phone.
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const other = await openPage(suite.browser, link);
    await other.composer.waitFor();
    await page.getByRole("region", { name: "Paired devices" }).locator("[data-device]").nth(1).waitFor();
    await other.page.getByRole("link", { name: "Devices" }).click();
    await other.page.getByText("operator.pairing", { exact: true }).waitFor();
    await other.page.getByRole("link", { name: "Audit log" }).click();
    await other.page.getByText("operator.admin", { exact: true }).waitFor();
    await Promise.all([chat.close(), other.close()]);
  });

  test("the audit log tells what happened, by kind, older entries on request", async () => {
    await using own = await createGatewayFixture({ dashboardDir: suite.dashboardDir });
    const operator = createNodeClient({ url: own.origin, token, reconnect: false });
    await operator.connect();
    // One page of the log and two more.
    await operator.request("sessions.reset", { key: "talk-first" });
    await Promise.all(Array.from({ length: 50 }, (_, n) => operator.request("sessions.reset", { key: `talk-${n}` })));
    await operator.request("sessions.reset", { key: "talk-last" });
    await operator.close();
    const chat = await suite.openChat({ reducedMotion: "reduce", colorScheme: "dark" }, own);
    const { page } = chat;
    await page.getByRole("link", { name: "Audit log" }).click();
    const log = page.getByRole("list", { name: "Entries, newest first" });
    await log.locator('[data-action="device.paired"]').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel("Show").selectOption({ label: "Sessions" });
    await log.getByText(/talk-last$/).waitFor();
    expect(await log.locator('[data-action="device.paired"]').count()).toBe(0);
    expect(await log.getByRole("listitem").count()).toBe(50);
    await page.getByRole("button", { name: "Show older entries" }).click();
    await log.getByText(/talk-first$/).waitFor();
    expect(await log.getByRole("listitem").count()).toBe(52);
    await page.getByLabel("Show").selectOption({ label: "Configuration" });
    await page.getByText("Nothing of this kind happened.").waitFor();
    // The address is the page's: a reload shows it again, going back leaves it.
    await page.reload();
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    await page.goBack();
    await chat.composer.waitFor();
    expect(chat.complaints).toEqual([]);
    await chat.close();
  });
});
