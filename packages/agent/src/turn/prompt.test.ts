import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { record, records } from "../testing/wire-form.ts";
import { configAt, messagesOf, run, runtimeWith, temporaryFolder, turnOf, userMessage } from "../testing/harness.ts";
import { type ProviderServer, startProviderServer } from "../testing/index.ts";

const sent = (server: ProviderServer) => records(server.requests.at(-1)?.body["messages"]);
const systemOf = (server: ProviderServer) => String(sent(server)[0]?.["content"]);

test("the model is told the date, its tools, the workspace's notes and what the caller adds", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({
    "secret.md": "TOP SECRET",
    "workspace/AGENTS.md": "Be brief.",
    "workspace/USER.md": "x".repeat(50_000),
  });
  const workspace = join(state.path, "workspace");
  await symlink("../secret.md", join(workspace, "SOUL.md"));
  const config = configAt(server, { list: [{ id: "main", identity: { name: "Claw", theme: "dry" } }] });
  const clock = { now: () => Date.parse("2026-11-20T12:00:00Z"), at: () => () => {} };
  const runtime = runtimeWith(config, { stateDir: state.path, clock });
  await run(runtime, turnOf("hello", { extraSystemPrompt: "The caller is a robot." }));
  const system = systemOf(server);
  for (const part of ["You are Claw", "dry", "- read:", workspace, "Be brief.", "2026-11-20", "The caller is a robot."])
    expect(system).toContain(part);
  expect(system).not.toContain("TOP SECRET");
  expect(system).toContain("[the rest is left out]");
  expect(system.length).toBeLessThan(25_000);

  await writeFile(join(workspace, "AGENTS.md"), "Be very long-winded.");
  await run(runtime, "hello");
  expect(systemOf(server)).toContain("Be very long-winded.");
});

test("attachments go with the last message; what a model cannot take is named", async () => {
  await using server = await startProviderServer();
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const attachments = [
    { type: "image", mimeType: "image/png", content: base64("png") },
    { type: "image", content: `data:image/jpeg;base64,${base64("jpeg")}` },
    { type: "file", mimeType: "text/plain", fileName: "a.txt", content: base64("inside a") },
    { type: "file", mimeType: "application/zip", fileName: "b.zip", content: base64("zip") },
    { type: "file", fileName: "c" },
  ];
  const history = [userMessage("before"), userMessage("look")];
  await run(runtimeWith(configAt(server)), turnOf("", { history, attachments }));
  const parts = records(sent(server).at(-1)?.["content"]);
  expect(parts.map((part) => part["text"] ?? record(part["image_url"])["url"])).toEqual([
    "look",
    `data:image/png;base64,${base64("png")}`,
    `data:image/jpeg;base64,${base64("jpeg")}`,
    "[attached file a.txt]\ninside a",
    "[attachment b.zip (application/zip) is left out: this kind of file cannot be shown to the model]",
    "[attachment c (application/octet-stream) is left out: it has no content]",
  ]);
  expect(sent(server)[1]).toMatchObject({ role: "user", content: "before" });
});

test("a model without eyes is told that there was an image", async () => {
  await using server = await startProviderServer();
  const config = { models: { providers: { test: { baseUrl: `${server.url}/v1`, models: [{ id: "blind" }] } } } };
  await run(
    runtimeWith(config),
    turnOf("look", { attachments: [{ type: "image", mimeType: "image/png", content: "AAAA" }] }),
  );
  expect(JSON.stringify(sent(server).at(-1))).toContain("this model takes no images");
});

test("a server that wants no key gets none, and headers of the configuration are sent", async () => {
  await using server = await startProviderServer();
  const provider = {
    baseUrl: `${server.url}/v1`,
    headers: { "x-team": { reveal: () => "blue" } },
    models: [{ id: "m" }],
  };
  await run(runtimeWith({ models: { providers: { test: provider } } }), "hello");
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  expect(server.requests[0]?.headers["x-team"]).toBe("blue");
});

test("a session can go on with another provider in the middle of a conversation with tools", async () => {
  await using server = await startProviderServer();
  await using state = await temporaryFolder({ "workspace/NOTES.md": "buy milk" });
  const base = configAt(server).models?.providers?.["test"];
  const other = { ...base, baseUrl: server.url, api: "anthropic-messages" };
  const google = { ...base, baseUrl: server.url, api: "google-generative-ai" };
  const runtime = runtimeWith({ models: { providers: { test: base, other, google } } }, { stateDir: state.path });
  let history = [userMessage("[[tool]]")];
  for (const model of ["test/m", "other/m", "google/m", "test/m"]) {
    const events = await run(runtime, turnOf("", { history, model }));
    expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
    history = [...history, ...messagesOf(events), userMessage("[[tool]]")];
  }
});
