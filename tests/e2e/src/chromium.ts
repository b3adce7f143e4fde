import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { findBrowser } from "./find-browser.ts";

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

/** Tests in an installed Chrome or Chromium. Without one they are skipped, saying so; where `CI` is true they fail. */
export function describeInChromium(name: string, define: (suite: { readonly browser: Browser }) => void): void {
  const executablePath = findBrowser();
  const isRequired = process.env["CI"] === "true";
  if (executablePath === undefined && !isRequired) console.warn(`skipped: ${name}; no Chrome or Chromium is installed`);

  describe.skipIf(executablePath === undefined && !isRequired)(`${name}`, () => {
    let browser: Browser;
    beforeAll(async () => {
      if (executablePath === undefined) throw new Error("no Chrome or Chromium is installed");
      browser = await chromium.launch({ executablePath, headless: true, args: flags });
    });
    afterAll(() => browser?.close());
    define({
      get browser() {
        return browser;
      },
    });
  });
}
