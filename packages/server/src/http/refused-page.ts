import { createHash } from "node:crypto";
import { limits } from "@openclaw-gateway/protocol";
import type { OriginRefusal } from "./origin-refusal.ts";

const style = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; box-sizing: border-box;
  background: light-dark(#faf8f5, #151312); color: light-dark(#231f1c, #f2ede7);
  font: 1rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 38rem; width: 100%; min-width: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.5rem; }
h2 { font-size: 1rem; margin: 1.75rem 0 0.5rem; }
p { margin: 0 0 0.75rem; color: light-dark(#5c554e, #b4aba2); }
strong, code { color: light-dark(#231f1c, #f2ede7); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875rem; }
code { overflow-wrap: anywhere; }
pre { margin: 0 0 0.75rem; padding: 0.9rem 1rem; border-radius: 0.75rem; overflow-x: auto;
  background: light-dark(#f1ede7, #211e1c); border: 1px solid light-dark(#e3dcd3, #36302c); }
`;

/** For this page alone: its own style by its hash, and nothing else. */
export const refusedPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What a person sees in the place of a dashboard that could not connect from this address. */
export function refusedPage({ origin, setting }: OriginRefusal): string {
  const port = URL.parse(origin)?.port || String(limits.defaultPort);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Origin not allowed · OpenClaw Gateway</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>The gateway does not know this address</h1>
<p>You reached a gateway, but as <code>${escapeHtml(origin)}</code>, an address that is not on its list. Anybody could point
a name at this machine, so the dashboard connects only from addresses that the gateway knows.</p>
<h2>To allow it</h2>
<p>Add the origin to <strong>gateway.controlUi.allowedOrigins</strong> in <code>openclaw.json</code> on the machine where the
gateway runs, beside those that are there already. A running gateway follows the file when it is saved; then open this page again.</p>
<pre tabindex="0" aria-label="The setting">${escapeHtml(JSON.stringify(setting, null, 2))}</pre>
<h2>Or without a change</h2>
<p>Open it by the IP address of the machine, by a name without a domain, over HTTPS, or through a tunnel from your own:</p>
<pre tabindex="0" aria-label="The tunnel">ssh -N -L ${port}:127.0.0.1:${port} user@gateway-host</pre>
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? "");
