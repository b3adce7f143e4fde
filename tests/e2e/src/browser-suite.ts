import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type ChatPage, openPage } from "./chat-page.ts";
import { describeInChromium } from "./chromium.ts";
import { buildDashboard } from "./dashboard-build.ts";
import { createGatewayFixture, type GatewayFixture, token } from "./gateway-fixture.ts";

export type BrowserSuite = {
  readonly browser: Browser;
  /** Folder of the dashboard, built from its present sources. */
  readonly dashboardDir: string;
  /** The gateway that tests share. */
  readonly gateway: GatewayFixture;
  /** A signed-in page on a chat of its own. */
  openChat(options?: Parameters<typeof openPage>[2], on?: GatewayFixture): Promise<ChatPage>;
};

/** Tests of the dashboard in an installed Chrome or Chromium, on a gateway that they share. */
export function describeInBrowser(name: string, define: (suite: BrowserSuite) => void): void {
  describeInChromium(name, (chromium) => {
    let dashboard: Awaited<ReturnType<typeof buildDashboard>>;
    let gateway: GatewayFixture;
    let chats = 0;

    beforeAll(async () => {
      dashboard = await buildDashboard();
      gateway = await createGatewayFixture({ dashboardDir: dashboard.dir });
    });
    afterAll(async () => {
      await gateway?.[Symbol.asyncDispose]();
      await dashboard?.[Symbol.asyncDispose]();
    });

    define({
      get browser() {
        return chromium.browser;
      },
      get dashboardDir() {
        return dashboard.dir;
      },
      get gateway() {
        return gateway;
      },
      openChat: async (options = {}, on = gateway) => {
        const chat = await openPage(chromium.browser, `${on.origin}/chat/test-${++chats}#token=${token}`, options);
        await chat.composer.waitFor();
        return chat;
      },
    });
  });
}
