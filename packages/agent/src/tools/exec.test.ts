import { spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClearedCommand, ExecPort, ExecReview, ToolResultContent } from "@openclaw-gateway/server";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createCommands, type Commands } from "../commands/commands.ts";
import { realClock } from "../testing/clocks.ts";
import { temporaryFolder } from "../testing/harness.ts";
import { createExecTool } from "./exec.ts";
import { createProcessTool } from "./process.ts";
import type { ToolContext } from "./tool.ts";

let folder: string;
let commands: Commands;
let reports: { id: string; text: string }[];
let reported: PromiseWithResolvers<string>;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  folder = temporary.path;
  commands = createCommands({ stateDir: join(folder, "state"), clock: realClock });
  reports = [];
  reported = Promise.withResolvers();
  onTestFinished(async () => {
    await commands.close();
    await temporary[Symbol.asyncDispose]();
  });
});

const cleared = (argv: readonly [string, ...string[]]): ClearedCommand => ({
  file: argv[0],
  argv,
  cwd: folder,
  env: { PATH: "/usr/bin:/bin", ONLY: "this" },
});
const clearance = (argv: readonly [string, ...string[]]) => ({ claim: async () => cleared(argv) });

/** A gateway that has decided already. */
function portWith(review: () => ExecReview): ExecPort {
  return {
    review: async () => review(),
    report: async (id, text) => {
      reports.push({ id, text });
      reported.resolve(text);
    },
  };
}
const sh = (script: string): ExecPort =>
  portWith(() => ({ status: "clear", clearance: clearance(["/bin/sh", "-c", script]) }));

function contextOf(exec: ExecPort, over: Partial<ToolContext> = {}): ToolContext & { updates: ToolResultContent[] } {
  const updates: ToolResultContent[] = [];
  return {
    exec,
    sessionKey: "agent:main:main",
    workspace: folder,
    clock: realClock,
    signal: new AbortController().signal,
    update: (partial) => void updates.push(partial),
    warn: () => {},
    updates,
    ...over,
  };
}
const exec = (args: Record<string, unknown>, context: ToolContext) =>
  createExecTool({ commands, timeoutSeconds: () => 20 }).run({ command: "x", ...args }, context);
const control = (args: Record<string, unknown>, sessionKey = "agent:main:main") =>
  createProcessTool({ commands }).run(args, contextOf(sh("true"), { sessionKey }));
const textOf = ({ content }: ToolResultContent): string => content.map(({ text }) => text).join("");
/** One that nobody has collected yet (Z) is dead too. */
const isAlive = (pid: number): boolean =>
  /^[^Z\s]/.test(
    spawnSync("ps", ["-o", "stat=", "-p", String(pid)])
      .stdout.toString()
      .trim(),
  );

describe("exec", () => {
  test("gives output and how it ended", async () => {
    const fine = await exec({}, contextOf(sh("echo out; echo err >&2")));
    expect(textOf(fine).split("\n").toSorted()).toEqual(["err", "out"]);
    expect(fine.details).toMatchObject({ status: "completed", exitCode: 0, cwd: folder });
    const failed = await exec({}, contextOf(sh("echo why; exit 3")));
    expect(textOf(failed)).toBe("why\n\nThe command exited with code 3.");
    expect(failed.details).toMatchObject({ status: "failed", exitCode: 3 });
    expect(textOf(await exec({}, contextOf(sh("true"))))).toBe("(no output)");
    const missing = portWith(() => ({ status: "clear", clearance: clearance(["/nonexistent"]) }));
    expect(textOf(await exec({}, contextOf(missing)))).toContain("could not be started");
  });

  test("T-E6: the command has the environment it was cleared with, and nothing else", async () => {
    const env = portWith(() => ({ status: "clear", clearance: clearance(["/usr/bin/env"]) }));
    expect(
      textOf(await exec({}, contextOf(env)))
        .split("\n")
        .toSorted(),
    ).toEqual(["ONLY=this", "PATH=/usr/bin:/bin"]);
  });

  test("T-E1: words reach the program as they are, without a shell", async () => {
    const echo = portWith(() => ({ status: "clear", clearance: clearance(["/bin/echo", "$HOME; `id`", "*"]) }));
    expect(textOf(await exec({}, contextOf(echo)))).toBe("$HOME; `id` *");
  });

  test("what the gateway refuses is told in its words, and so is a check that fails in the last moment", async () => {
    const refused = portWith(() => ({ status: "refused", reason: "commands are switched off here" }));
    await expect(exec({}, contextOf(refused))).rejects.toThrow("commands are switched off here");
    const changed = portWith(() => ({
      status: "clear",
      clearance: { claim: () => Promise.reject(new Error("not run: it is not the program it was")) },
    }));
    await expect(exec({}, contextOf(changed))).rejects.toThrow("not the program it was");
    expect(commands.of("agent:main:main")).toEqual([]);
  });

  test("a command that takes too long is stopped with everything it started", async () => {
    const result = await exec({ timeout: 0.3 }, contextOf(sh("sleep 60 & echo $!; trap '' TERM; wait; sleep 60")));
    expect(textOf(result)).toMatch(/^\d+\n\nThe command was stopped after/);
    expect(isAlive(Number(textOf(result).split("\n")[0]))).toBe(false);
  });

  test("an aborted turn stops it", async () => {
    const abort = new AbortController();
    const running = exec(
      {},
      contextOf(sh("echo started; sleep 60"), { signal: abort.signal, update: () => abort.abort() }),
    );
    expect((await running).details).toMatchObject({ status: "failed", stopped: "stopped" });
  });

  test("what a command leaves behind does not hold the turn and does not stay", async () => {
    const result = await exec({}, contextOf(sh("sleep 60 & echo $!")));
    expect(result.details).toMatchObject({ status: "completed" });
    const pid = Number(textOf(result));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test("long output is shown from its end, and all of it can be read", async () => {
    const result = await exec({}, contextOf(sh("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")));
    const text = textOf(result);
    expect(text.length).toBeLessThan(50_000);
    expect(text).toContain("line 19999");
    const [, id] = /sessionId "([^"]+)"/.exec(text) ?? [];
    let all = "";
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const page = await control({ action: "log", sessionId: id, offset });
      all += textOf(page).replace(/\n\n\[more follows; continue with offset \d+\]$/, "");
      offset = (page.details as { nextOffset?: number }).nextOffset;
    }
    expect(all.split("\n").length).toBe(20_001);
    expect(all.startsWith("line 0\nline 1\n")).toBe(true);
    await commands.close();
    expect(await readdir(join(folder, "state", "exec-output"))).toEqual([]);
  });

  test("one that goes on in the background is followed, written to and ended by its own session only", async () => {
    const started = await exec({ yieldMs: 50 }, contextOf(sh("read line; echo got $line; sleep 60")));
    expect(started.details).toMatchObject({ status: "running", sessionId: expect.stringMatching(/^exec-/) });
    const { sessionId } = started.details as { sessionId: string };
    await expect(control({ action: "poll", sessionId }, "agent:main:other")).rejects.toThrow("there is no command");
    expect(textOf(await control({ action: "list" }, "agent:main:other"))).toBe("There are no commands.");
    await control({ action: "write", sessionId, data: "hello\n" });
    await expect
      .poll(async () => textOf(await control({ action: "poll", sessionId, timeoutMs: 50 })))
      .toContain("got hello");
    expect((await control({ action: "kill", sessionId })).details).toMatchObject({
      status: "failed",
      stopped: "stopped",
    });
    expect(textOf(await control({ action: "list" }))).toContain("ended");
  });

  test("one that waits for a person says so, runs when allowed, and tells the session how it ended", async () => {
    const decided = Promise.withResolvers<{ clearance: ReturnType<typeof clearance> }>();
    const port = portWith(() => ({
      status: "waiting",
      approvalId: "24e7ca9c-4a49-4bf3-8421-a520f63820e4",
      expiresAtMs: 5,
      cwd: folder,
      decided: decided.promise,
    }));
    const result = await exec({ command: "touch it" }, contextOf(port));
    expect(textOf(result)).toBe(
      "Approval required (id 24e7ca9c). Approve to run; updates will arrive after completion.",
    );
    expect(result.details).toEqual({
      status: "approval-pending",
      approvalId: "24e7ca9c-4a49-4bf3-8421-a520f63820e4",
      approvalSlug: "24e7ca9c",
      expiresAtMs: 5,
      host: "gateway",
      command: "touch it",
      cwd: folder,
    });
    expect(await readdir(folder)).toEqual([]);
    decided.resolve({ clearance: clearance(["/usr/bin/touch", "it"]) });
    expect(await reported.promise).toContain("exited with code 0");
    expect(await readdir(folder)).toEqual(["it"]);
    expect(reports).toHaveLength(1);
  });

  test("one that is denied does not run, and the session is told", async () => {
    await writeFile(join(folder, "kept"), "");
    const port = portWith(() => ({
      status: "waiting",
      approvalId: "id",
      expiresAtMs: 5,
      cwd: folder,
      decided: Promise.resolve({ refused: "a person denied this command" }),
    }));
    await exec({ command: "rm kept" }, contextOf(port));
    expect(await reported.promise).toContain("not run (approval id): a person denied this command.\n\n$ rm kept");
    expect(await readdir(folder)).toEqual(["kept"]);
  });
});
