import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { watchProcess } from "../../testing/cli-process.ts";

/** A process that waits for its end around a gateway that only says what it is told. */
const program = (failure: string): string => `
  import { untilStopped } from ${JSON.stringify(join(import.meta.dirname, "until-stopped.ts"))};
  const say = (fields, message) => console.log(message, fields.err?.message ?? "");
  const [lost, wished] = [Promise.withResolvers(), Promise.withResolvers()];
  const gateway = { log: { error: say, info: say }, stop: async () => console.log("stopped"), lost: lost.promise, restartWished: wished.promise };
  const context = { err: (text) => process.stderr.write(text), errStyle: { dim: (text) => text, red: (text) => text } };
  const stay = setInterval(() => {}, 1000);
  const { ended } = untilStopped(gateway, context);
  ${failure}
  const ending = await ended;
  if (ending === "restart") console.log("again", process.listenerCount("SIGTERM"));
  else process.exitCode = ending.exitCode;
  clearInterval(stay);
`;
const start = (failure: string) =>
  watchProcess(spawn(process.execPath, ["--input-type=module", "--eval", program(failure)]));

test("a rejection nobody handled is logged and ends nothing", async () => {
  await using process = start(`void Promise.reject(new Error("optional part"));`);
  await process.until(/failed without being noticed optional part/);
  process.kill("SIGTERM");
  const { code, stdout } = await process.ended;
  expect({ code, last: stdout.trimEnd().split("\n").at(-1) }).toEqual({ code: 0, last: "stopped" });
});

test("an exception nobody caught stops the gateway in order, as a failure", async () => {
  await using process = start(`setImmediate(() => { throw new Error("unexpected"); });`);
  const { code, stdout, stderr } = await process.ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(/nobody caught.* unexpected\n[^]*stopped\n/);
  expect(stderr).toBe("error: unexpected\n");
});

test("a gateway that can store nothing any more stops in order, with a code of its own", async () => {
  await using process = start(`lost.resolve(new Error("no writer"));`);
  const { code, stdout, stderr } = await process.ended;
  expect(code).toBe(74);
  expect(stdout).toMatch(/stopped\n/);
  expect(stderr).toBe("error: no writer\n");
});

test("a change of the configuration that needs a restart ends one life, and leaves no listener to the next", async () => {
  await using process = start(`wished.resolve({ keys: ["gateway.port"] });`);
  const { code, stdout, stderr } = await process.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/stopped\nagain 0\n/);
  expect(stderr).toBe("Restarting: the configuration has changed (gateway.port).\n");
});
