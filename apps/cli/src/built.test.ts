import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { builtEntry, createInstallation } from "./testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000 });

// `npm test` builds first. Without a build these are skipped, except where nobody would notice.
const isBuilt = existsSync(builtEntry) || process.env["CI"] === "true";

test.skipIf(!isBuilt)("the built program runs a gateway with dashboard and database, and talks to it", async () => {
  await using installation = await createInstallation(builtEntry);
  const gateway = await installation.startGateway();
  const [, url = "", token = ""] = await gateway.until(/Open (\S+)#token=(\S+)/);
  const page = await fetch(url);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(await page.text()).toContain("<script");
  expect(await installation.run(["gateway", "token"])).toMatchObject({ code: 0, stdout: `${token}\n` });
  const turn = await installation.run(["agent", "-m", "built", "--json"]);
  expect(JSON.parse(turn.stdout)).toMatchObject({
    status: "ok",
    result: { payloads: [{ text: expect.stringContaining("“built”") }] },
  });
  expect((await installation.run(["sessions", "list"])).stdout).toContain("agent:main:main");
  expect(await installation.run(["gateway", "run"])).toMatchObject({ code: 75 });
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toMatchObject({ code: 0 });
});

test.skipIf(!isBuilt)("help and version of the built program", async () => {
  await using installation = await createInstallation(builtEntry);
  expect(await installation.run(["--version"])).toMatchObject({ code: 0, stdout: "2026.11.20\n", stderr: "" });
  expect((await installation.run(["--help"])).stdout).toContain("openclaw gateway run");
});
