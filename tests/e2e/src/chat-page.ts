import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** A page of the dashboard as a person and a screen reader know it, and everything it complained about. */
export type ChatPage = {
  page: Page;
  composer: Locator;
  conversation: Locator;
  /** Finished and running answers, oldest first. */
  answers: Locator;
  runningAnswer: Locator;
  ownMessages: Locator;
  send(text: string): Promise<void>;
  /** Errors, policy violations and dialogs so far. */
  complaints: readonly string[];
  /** Origins the page asked for anything. */
  origins: ReadonlySet<string>;
  close(): Promise<void>;
};

export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => void origins.add(new URL(request.url()).origin));
  page.on("websocket", (socket) => void origins.add(new URL(socket.url()).origin.replace(/^ws/, "http")));
  await page.goto(address);
  const composer = page.getByRole("textbox", { name: "Message" });
  return {
    page,
    composer,
    conversation: page.getByRole("region", { name: "Conversation" }),
    answers: page.locator('[data-kind="answer"]'),
    runningAnswer: page.locator('[data-kind="answer"][aria-busy="true"]'),
    ownMessages: page.locator('[data-kind="own"]'),
    send: async (text) => {
      await composer.fill(text);
      await composer.press("Enter");
    },
    complaints,
    origins,
    close: () => context.close(),
  };
}
