import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createInstallation } from "../../testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000 });

test("a gateway whose configuration lets it restart does so by itself, and keeps its address when the new one is taken", async () => {
  await using installation = await createInstallation();
  const path = join(installation.stateDir, "openclaw.json");
  const write = (gateway: Record<string, unknown>) =>
    writeFile(
      path,
      JSON.stringify({
        gateway: { auth: { token: "ocg_of-a-test" }, reload: { mode: "hybrid", debounceMs: 20 }, ...gateway },
      }),
    );
  await mkdir(installation.stateDir, { mode: 0o700 });
  await write({ port: 0 });
  const gateway = installation.spawn(["gateway", "run"]);
  await gateway.until(/is running\n +Open \S+\n/);

  await write({ port: 0, tickIntervalMs: 10_000 });
  await gateway.next(/Restarting: the configuration has changed \(gateway\.tickIntervalMs\)/);
  const [, second] = await gateway.next(/Running again at (\S+)/);
  expect((await installation.run(["gateway", "status"])).stdout).toContain("running at ws://127.0.0.1");

  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  const taken = (other.address() as { port: number }).port;
  await write({ port: taken, tickIntervalMs: 10_000 });
  const [, third] = await gateway.next(/Running again at (\S+)/);
  expect(third).toBe(second);
  other.close();
  expect(await readFile(join(installation.stateDir, "logs", "gateway.log"), "utf8")).toContain(
    "the new address cannot be had; the gateway stays where it was",
  );
  gateway.kill("SIGTERM");
  expect((await gateway.ended).code).toBe(0);
});
