import { spawn, spawnSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { createInstallation, sourceEntry, type TestInstallation, watchProcess } from "../testing/cli-process.ts";

vi.setConfig({ testTimeout: 60_000 });

/** `script` of util-linux gives a program a terminal; elsewhere it takes other options. */
const hasTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

function inTerminal({ environment }: TestInstallation, args: string) {
  const command = `stty cols 100 rows 40; exec "${process.execPath}" "${sourceEntry}" ${args}`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    env: { ...environment, TERM: "xterm", SHELL: "/bin/sh" },
  });
  return watchProcess(child);
}

const interrupt = "\u0003";
const endOfInput = "\u0004";

test.skipIf(!hasTerminal)("chat in a terminal: streams, stops a turn, clears a line, leaves", async () => {
  await using installation = await createInstallation();
  await installation.startGateway();
  await using chat = inTerminal(installation, "chat --session terminal");
  await chat.until(/terminal.*new · demo\/offline/);
  await chat.next(/› /);
  chat.write("read NOTES.md\r");
  await chat.next(/\[read NOTES\.md\]/);
  await chat.next(/NOTES\.md does not exist/);
  await chat.next(/› /);
  chat.write("slow\r");
  await chat.next(/This is line 1/);
  chat.write(interrupt);
  await chat.next(/\(stopped\)/);
  await chat.next(/› /);
  chat.write("half a lin");
  await chat.next(/half a lin/);
  chat.write(interrupt);
  chat.write("/help\r");
  await chat.next(/\/new +forget this conversation/);
  await chat.next(/› /);
  chat.write("/new\r");
  await chat.next(/a new conversation/);
  await chat.next(/› /);
  chat.write(endOfInput);
  expect(await chat.ended).toMatchObject({ code: 0 });
});

test.skipIf(!hasTerminal)("chat: a second Ctrl+C leaves, the turn is stopped", async () => {
  await using installation = await createInstallation();
  await installation.startGateway();
  await using chat = inTerminal(installation, "chat --session twice");
  await chat.until(/› /);
  chat.write("slow\r");
  await chat.next(/This is line 1/);
  chat.write(interrupt);
  chat.write(interrupt);
  const { code } = await chat.ended;
  // The answer to the first may come before the second is read: then that one leaves an idle prompt.
  expect([0, 130]).toContain(code);
  const { stdout } = await installation.run(["gateway", "call", "chat.history", "--params", '{"sessionKey":"twice"}']);
  expect(JSON.parse(stdout)).not.toHaveProperty("inFlightRun");
});

test.skipIf(!hasTerminal)(
  "in a terminal agent prints the answer as it comes, in colours unless NO_COLOR is set",
  async () => {
    await using installation = await createInstallation();
    await installation.startGateway();
    await using agent = inTerminal(installation, "agent --message slow");
    await agent.until(/This is line 1/);
    agent.write(interrupt);
    const { code, stdout } = await agent.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("\u001B[31merror:\u001B[39m the turn was stopped");
    await using table = inTerminal(
      { ...installation, environment: { ...installation.environment, NO_COLOR: "1" } },
      "models list",
    );
    expect((await table.ended).stdout).not.toContain("\u001B[");
  },
);

test("chat without a terminal: Ctrl+C during an answer stops it, a second one ends with 130", async () => {
  await using installation = await createInstallation();
  await installation.startGateway();
  const chat = installation.spawn(["chat", "--session", "piped"]);
  chat.write("slow\n");
  await chat.until(/This is line 1/);
  chat.kill("SIGINT");
  await chat.until(/\(stopped\)/);
  chat.kill("SIGINT");
  expect(await chat.ended).toMatchObject({ code: 130 });
});
