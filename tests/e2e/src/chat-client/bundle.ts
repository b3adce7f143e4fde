import { join } from "node:path";
import { rolldown } from "rolldown";

export const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Chat</title>
<ol></ol><form><input aria-label="Message"><button>Send</button></form>
<button id="stop">Stop</button><output></output>
<script type="module" src="/page.js"></script></html>`;

/** The page's program as a site would ship it. */
export async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, "page.ts"),
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output[0].code;
}
