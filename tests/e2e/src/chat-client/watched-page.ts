import type { Browser, Locator, Page } from "playwright-core";

/** A page, and everything that came to it or went from it. */
export type WatchedPage = {
  page: Page;
  answers: Locator;
  send(text: string): Promise<void>;
  /** Frames of its WebSockets and bodies of its answers. */
  traffic: readonly string[];
  /** Traffic, document, storage, cookies and every string of the page's memory. */
  everything(): Promise<string>;
  close(): Promise<void>;
};

export async function watchPage(browser: Browser, address: string): Promise<WatchedPage> {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const traffic: string[] = [];
  page.on("websocket", (socket) => {
    traffic.push(socket.url());
    socket.on("framereceived", ({ payload }) => void traffic.push(String(payload)));
    socket.on("framesent", ({ payload }) => void traffic.push(String(payload)));
  });
  page.on("response", async (response) => {
    traffic.push(response.url(), JSON.stringify(response.headers()), await response.text().catch(() => ""));
  });
  await page.goto(address);
  const devtools = await context.newCDPSession(page);
  return {
    page,
    answers: page.locator('[data-role="assistant"]'),
    send: async (text) => {
      const field = page.getByRole("textbox", { name: "Message" });
      await field.fill(text);
      await field.press("Enter");
    },
    traffic,
    everything: async () => {
      const heap: string[] = [];
      devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => void heap.push(chunk));
      await devtools.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
      const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
      const cookies = JSON.stringify(await context.cookies());
      return [...traffic, await page.content(), stored, cookies, ...heap].join("\n");
    },
    close: () => context.close(),
  };
}
