import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { type ChatPage, openPage } from "./chat-page.ts";
import { buildDashboard } from "./dashboard-build.ts";
import { findBrowser } from "./find-browser.ts";
import { createGatewayFixture, type GatewayFixture, token } from "./gateway-fixture.ts";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Names as a page of another machine would have them.
  "--host-resolver-rules=MAP gateway 127.0.0.1, MAP gateway.example 127.0.0.1",
];

export type BrowserSuite = {
  readonly browser: Browser;
  /** Folder of the dashboard, built from its present sources. */
  readonly dashboardDir: string;
  /** The gateway that tests share. */
  readonly gateway: GatewayFixture;
  /** A signed-in page on a chat of its own. */
  openChat(options?: Parameters<typeof openPage>[2], on?: GatewayFixture): Promise<ChatPage>;
};

/** Tests in an installed Chrome or Chromium. Without one they are skipped, saying so; where `CI` is true they fail. */
export function describeInBrowser(name: string, define: (suite: BrowserSuite) => void): void {
  const executablePath = findBrowser();
  const isRequired = process.env["CI"] === "true";
  if (executablePath === undefined && !isRequired) console.warn(`skipped: ${name}; no Chrome or Chromium is installed`);

  describe.skipIf(executablePath === undefined && !isRequired)(`${name}`, () => {
    let browser: Browser;
    let dashboard: Awaited<ReturnType<typeof buildDashboard>>;
    let gateway: GatewayFixture;
    let chats = 0;

    beforeAll(async () => {
      if (executablePath === undefined) throw new Error("no Chrome or Chromium is installed");
      [dashboard, browser] = await Promise.all([
        buildDashboard(),
        chromium.launch({ executablePath, headless: true, args: flags }),
      ]);
      gateway = await createGatewayFixture({ dashboardDir: dashboard.dir });
    });
    afterAll(async () => {
      await browser?.close();
      await gateway?.[Symbol.asyncDispose]();
      await dashboard?.[Symbol.asyncDispose]();
    });

    define({
      get browser() {
        return browser;
      },
      get dashboardDir() {
        return dashboard.dir;
      },
      get gateway() {
        return gateway;
      },
      openChat: async (options = {}, on = gateway) => {
        const chat = await openPage(browser, `${on.origin}/chat/test-${++chats}#token=${token}`, options);
        await chat.composer.waitFor();
        return chat;
      },
    });
  });
}
