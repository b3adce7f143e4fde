import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { createInstallation } from "./testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000 });

test("T-I1: nothing is loaded or read from the folder the gateway is started in", async () => {
  await using installation = await createInstallation();
  const folder = dirname(installation.stateDir);
  const marker = join(folder, "marker");
  const code = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "loaded");`;
  const config = JSON.stringify({ gateway: { auth: { mode: "token", token: "planted-token" }, port: 1 } });
  const planted: Record<string, string> = {
    ".env": "OPENCLAW_GATEWAY_TOKEN=planted-token\nOPENCLAW_GATEWAY_PORT=1\nOPENAI_API_KEY=planted-key\n",
    "openclaw.json": config,
    ".openclaw/openclaw.json": config,
    "openclaw.config.js": code,
    "package.json": JSON.stringify({
      main: "index.js",
      scripts: { start: "touch marker", preinstall: "touch marker" },
    }),
    "index.js": code,
    "plugins/planted/index.js": code,
    ".openclaw/extensions/planted/index.js": code,
    "skills/planted/SKILL.md": "---\nname: planted\ndescription: planted-skill\n---\n",
    ...Object.fromEntries(
      ["ws", "zod", "hono", "undici", "pino", "openclaw"].map((name) => [`node_modules/${name}/index.js`, code]),
    ),
  };
  for (const [path, text] of Object.entries(planted)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }

  const gateway = await installation.startGateway();
  const { stdout: token } = await installation.run(["gateway", "token"]);
  expect(token.trim()).toMatch(/^[\w-]{20,}$/);
  expect((await installation.run(["agent", "-m", "hello", "--json"])).code).toBe(0);
  const shown = await installation.run(["config", "get", "gateway", "--json"]);
  expect(shown.stdout + shown.stderr + gateway.stdout + gateway.stderr).not.toContain("planted");
  expect(existsSync(marker)).toBe(false);
});
