import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNodeClient } from "@openclaw-gateway/client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { watchPage } from "./chat-client/watched-page.ts";
import { describeInChromium } from "./chromium.ts";
import { createGatewayFixture, type GatewayFixture, token } from "./gateway-fixture.ts";
import { runExample, serveExample } from "./run-example.ts";

let gateway: GatewayFixture;
const environment = (): NodeJS.ProcessEnv => ({
  OPENCLAW_GATEWAY_URL: gateway.origin.replace("http", "ws"),
  OPENCLAW_GATEWAY_TOKEN: token,
});

beforeAll(async () => {
  gateway = await createGatewayFixture({ endpoints: { chatCompletions: { enabled: true } } });
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

// Each starts programs, which takes a machine that is busy its time.
vi.setConfig({ testTimeout: 180_000 });

describe("the examples", () => {
  test("node-chat prints the answer", async () => {
    const args = ["chat.ts", "good", "morning"];
    expect(await runExample("node-chat", { args, environment: environment() })).toEqual({
      code: 0,
      output: "You said: good morning\n",
    });
    const failed = await runExample("node-chat", { args: ["chat.ts", "[[400]]"], environment: environment() });
    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("error: ") });
  });

  test("openai-sdk prints the answer of an agent", async () => {
    const args = ["chat.ts", "good", "morning"];
    expect(await runExample("openai-sdk", { args, environment: environment() })).toEqual({
      code: 0,
      output: "You said: good morning\n",
    });
  });

  test("provisioning makes an agent once", async () => {
    const workspace = await mkdtemp(join(tmpdir(), "openclaw-example-"));
    const args = ["provision.ts", "helper", workspace];
    const first = await runExample("provisioning", { args, environment: environment() });
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringMatching(/created helper\n[^]*AGENTS.md: written\n[^]*woken: started\n/),
    });
    expect(await readFile(join(workspace, "IDENTITY.md"), "utf8")).toBe("You are Helper.\n");
    const second = await runExample("provisioning", { args, environment: environment() });
    expect(second).toMatchObject({
      code: 0,
      output: expect.stringMatching(/updated helper\n[^]*AGENTS.md: unchanged\n/),
    });
    await rm(workspace, { recursive: true, force: true });
  });

  test("nextjs-proxy lets people into sessions of their own", async () => {
    await using site = await serveExample("nextjs-proxy", {
      args: ["stand-in.ts"],
      environment: { ...environment(), PORT: "0" },
    });
    const { origin } = site;
    const dial = (headers: Record<string, string>): WebSocket =>
      new WebSocket(`${origin.replace("http", "ws")}/api/gateway/ws`, { headers });
    const [, refused] = await once(dial({ origin }), "unexpected-response");
    expect(refused.statusCode).toBe(403);
    const alice = createNodeClient({
      url: `${origin}/api/gateway/ws`,
      scopes: ["operator.admin"],
      openSocket: (_url, listener) => {
        const socket = dial({ origin, cookie: "user=alice" });
        socket.on("open", () => listener.onOpen());
        socket.on("message", (data: Buffer) => listener.onMessage(data.toString()));
        socket.on("close", (code, reason) => listener.onClose(code, reason.toString()));
        return { send: (text) => socket.send(text), close: (code, reason) => socket.close(code, reason) };
      },
    });
    const heard: string[] = [];
    const answered = new Promise<void>((resolve) => {
      alice.onEvent(({ event, payload }) => {
        heard.push(JSON.stringify(payload ?? event));
        if (event === "chat" && (payload as { state: string }).state === "final") resolve();
      });
    });
    const hello = await alice.connect();
    expect(hello.auth?.scopes).toEqual(["operator.read", "operator.write"]);
    // Somebody else talks meanwhile.
    await gateway.call("chat.send", { sessionKey: "secret", message: "psst", idempotencyKey: randomUUID() });
    await alice.request("chat.send", { sessionKey: "user-alice", message: "hi", idempotencyKey: randomUUID() });
    await answered;
    const { messages } = await alice.request("chat.history", { sessionKey: "user-alice" });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    await expect(alice.request("chat.history", { sessionKey: "secret" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(alice.request("config.get")).rejects.toMatchObject({ code: "FORBIDDEN" });
    const { sessions } = await alice.request("sessions.list");
    expect(sessions.map(({ key }) => key)).toEqual(["agent:main:user-alice"]);
    expect(heard.join("\n")).not.toMatch(/psst|agent:main:secret/);
    await alice.close();
    expect(await (await fetch(origin)).text()).toBe("a page");
  });

  test("each is described, short, and named in the list", async () => {
    const folder = new URL("../../../examples/", import.meta.url);
    const list = await readFile(new URL("README.md", folder), "utf8");
    const names = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isDirectory());
    for (const { name } of names) {
      expect(list).toContain(`\`${name}\``);
      const files = (await readdir(new URL(`${name}/`, folder))).filter((file) => /\.([tj]s|html)$/.test(file));
      for (const file of files) {
        const lines = (await readFile(new URL(`${name}/${file}`, folder), "utf8")).split("\n");
        expect(lines.length, `${name}/${file}`).toBeLessThanOrEqual(60);
      }
    }
    expect(names.map(({ name }) => name).toSorted()).toEqual([
      "browser-chat",
      "nextjs-proxy",
      "node-chat",
      "openai-sdk",
      "provisioning",
    ]);
  });
});

describeInChromium("the example of a page", (suite) => {
  test("browser-chat chats, and never holds the token", async () => {
    const vite = join("node_modules", "vite", "bin", "vite.js");
    await using site = await serveExample("browser-chat", {
      args: [vite, "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"],
      environment: { ...environment(), NO_COLOR: "1" },
    });
    const chat = await watchPage(suite.browser, site.origin);
    await chat.send("good evening");
    await chat.page
      .locator('[data-role="assistant"][data-state="final"]')
      .filter({ hasText: "You said: good evening" })
      .waitFor();
    const everything = await chat.everything();
    expect(everything).toContain("good evening");
    expect(everything).not.toContain(token);
    await chat.page.reload();
    await chat.answers.filter({ hasText: "You said: good evening" }).waitFor();
    await chat.close();
  });
});
