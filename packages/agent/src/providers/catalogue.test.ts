import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AgentRuntimeConfig } from "../config.ts";
import { run, runtimeWith } from "../testing/harness.ts";
import { startProviderServer } from "../testing/index.ts";
import { createCatalogue } from "./catalogue.ts";

const local = {
  baseUrl: "http://127.0.0.1:1/v1",
  models: [{ id: "small", name: "Small", contextWindow: 8_000, input: ["text", "image"] }, { id: "big" }],
};
const config = (more: Partial<AgentRuntimeConfig> = {}): AgentRuntimeConfig => ({
  models: { providers: { local } },
  ...more,
});
const catalogueOf = (given: AgentRuntimeConfig, environment: Record<string, string> = {}, warnings: string[] = []) =>
  createCatalogue(given, environment, (message) => warnings.push(message));

test("without any provider there is the demo, and it says what it is", () => {
  const runtime = runtimeWith({});
  expect(runtime.models()).toEqual([
    {
      id: "offline",
      name: "Offline demo (no model provider configured)",
      provider: "demo",
      contextWindow: 32_000,
      reasoning: false,
      input: ["text"],
      tags: ["demo"],
      available: true,
    },
  ]);
  expect(runtime.agents()[0]?.primaryModel).toBe("demo/offline");
  expect(runtime.models()).toBe(runtime.models());
  expect(runtime.agents()).toBe(runtime.agents());
});

test("a key in the environment is a provider", () => {
  const { choices, defaultModel } = catalogueOf(
    {},
    { OPENAI_API_KEY: "sk-1", OPENROUTER_API_KEY: "sk-2", GROQ_API_KEY: "  " },
  );
  expect(new Set(choices.map(({ provider }) => provider))).toEqual(new Set(["openai", "openrouter"]));
  expect(choices.every(({ available, tags }) => available && tags === undefined)).toBe(true);
  expect(defaultModel.startsWith("openai/")).toBe(true);
});

test.each([
  ["ANTHROPIC_API_KEY", "anthropic"],
  ["OPENAI_API_KEY", "openai"],
  ["GEMINI_API_KEY", "google"],
  ["GOOGLE_API_KEY", "google"],
  ["GOOGLE_GENERATIVE_AI_API_KEY", "google"],
  ["OPENROUTER_API_KEY", "openrouter"],
  ["DEEPSEEK_API_KEY", "deepseek"],
])("%s offers %s", (variable, provider) => {
  const catalogue = catalogueOf({}, { [variable]: "key" });
  expect(new Set(catalogue.choices.map((choice) => choice.provider))).toEqual(new Set([provider]));
  expect(catalogue.find(catalogue.defaultModel)?.provider?.key).toBe("key");
});

test("base addresses come from the configuration, then the environment, and get their version", () => {
  const baseUrl = (given: AgentRuntimeConfig, environment: Record<string, string>, name: string) =>
    catalogueOf(given, environment).find(name)?.provider?.baseUrl;
  const key = { OPENAI_API_KEY: "k", ANTHROPIC_API_KEY: "k", GEMINI_API_KEY: "k" };
  expect(baseUrl({}, key, "openai/x")).toBe("https://api.openai.com/v1");
  expect(baseUrl({}, { ...key, OPENAI_BASE_URL: "http://proxy/v1/" }, "openai/x")).toBe("http://proxy/v1");
  expect(baseUrl({}, { ...key, ANTHROPIC_BASE_URL: "http://proxy" }, "anthropic/x")).toBe("http://proxy/v1");
  expect(baseUrl({}, { ...key, GEMINI_BASE_URL: "http://proxy/v1beta" }, "google/x")).toBe("http://proxy/v1beta");
  const given = { models: { providers: { anthropic: { baseUrl: "http://other/anthropic" } } } };
  expect(baseUrl(given, { ...key, ANTHROPIC_BASE_URL: "http://proxy" }, "anthropic/x")).toBe(
    "http://other/anthropic/v1",
  );
});

test("a name and password in an address become a header", async () => {
  await using server = await startProviderServer();
  const baseUrl = `${server.url.replace("//", "//user:p%40ss@")}/v1`;
  const events = await run(
    runtimeWith({ models: { providers: { test: { baseUrl, models: [{ id: "m" }] } } } }),
    "hello",
  );
  expect(events.at(-1)).toEqual({ type: "end", stopReason: "stop" });
  expect(server.requests[0]?.headers["authorization"]).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
});

test("a provider of the configuration takes its key from there, or from the variable of its name", () => {
  const secret = { reveal: () => "from a secret" };
  const providers = { a: { ...local, apiKey: secret }, "my-lab": local, open: local };
  const { find } = catalogueOf({ models: { providers } }, { MY_LAB_API_KEY: "from the environment" });
  expect(find("a/small")?.provider?.key).toBe(secret);
  expect(find("my-lab/small")?.provider?.key).toBe("from the environment");
  expect(find("open/small")?.provider?.key).toBeUndefined();
});

test("models are found by name, by alias, by an id of one provider, and beyond the list", () => {
  const { find } = catalogueOf(config({ agents: { defaults: { models: { "local/big": { alias: "best" } } } } }));
  expect(find("local/small")?.name).toBe("Small");
  expect(find("small")?.ref).toEqual({ provider: "local", id: "small" });
  expect(find("best")?.ref).toEqual({ provider: "local", id: "big" });
  expect(find("local/org/unlisted")?.ref).toEqual({ provider: "local", id: "org/unlisted" });
  expect(find("demo/offline")?.api).toBe("demo");
  for (const name of ["", "/", "nothing", "local/", "other/x", "__proto__/x"]) expect(find(name)).toBeUndefined();
});

test("what cannot be used is said and left out; what is not known is ignored", () => {
  const warnings: string[] = [];
  const providers = {
    odd: { ...local, api: "telepathy" },
    empty: { apiKey: "k" },
    file: { baseUrl: "file:///etc/passwd" },
    local: { ...local, later: true },
  };
  const { choices } = catalogueOf({ models: { providers, mode: "merge" } } as AgentRuntimeConfig, {}, warnings);
  expect(choices.map(({ id, provider }) => `${provider}/${id}`)).toEqual(["local/small", "local/big"]);
  expect(warnings).toEqual([
    `models.providers.odd: unknown api "telepathy"; the provider is not used`,
    "models.providers.empty: no baseUrl; the provider is not used",
    "models.providers.file: baseUrl is not an http address; the provider is not used",
  ]);
});

test("agents: the default one, folders of their own, models and fallbacks", () => {
  const agents = {
    defaults: { model: { primary: "local/small", fallbacks: ["local/big"] }, workspace: "~/shared" },
    list: [
      { id: "main", name: "Main", identity: { name: "Claw", emoji: "🦀", theme: "dry" } },
      { id: "work", default: true, model: "local/big" },
      { id: "solo", workspace: "/srv/solo", model: { primary: "big", fallbacks: [] } },
    ],
  };
  const runtime = runtimeWith(config({ agents }), { stateDir: "/state" });
  expect(runtime.defaultAgentId).toBe("work");
  expect(runtime.agents()).toEqual([
    {
      id: "main",
      name: "Main",
      identity: { name: "Claw", emoji: "🦀", theme: "dry" },
      workspace: "/state/workspace-main",
      primaryModel: "local/small",
      fallbackModels: ["local/big"],
      contextTokens: 8_000,
    },
    {
      id: "work",
      workspace: join(homedir(), "shared"),
      primaryModel: "local/big",
      fallbackModels: [],
      contextTokens: 200_000,
    },
    { id: "solo", workspace: "/srv/solo", primaryModel: "local/big", fallbackModels: [], contextTokens: 200_000 },
  ]);
});

test("without a list there is one agent, main, in the folder workspace", () => {
  const runtime = runtimeWith(config(), { stateDir: "/state" });
  expect(runtime.defaultAgentId).toBe("main");
  expect(runtime.agents()).toMatchObject([{ id: "main", workspace: "/state/workspace", primaryModel: "local/small" }]);
});

test("an agent's id cannot lead out of the state folder, nor into another agent's", () => {
  const ids = ["../../etc", "..", "a/b", "a_b", "a b", "\0"];
  const runtime = runtimeWith(
    { agents: { list: [{ id: "main" }, ...ids.map((id) => ({ id }))] } },
    { stateDir: "/state" },
  );
  const folders = runtime.agents().map(({ workspace }) => workspace);
  for (const folder of folders) expect(folder).toMatch(/^\/state\/workspace(-[A-Za-z0-9_-]+)?$/);
  expect(new Set(folders).size).toBe(folders.length);
});

test("another configuration takes effect at once; what is remembered by object follows", () => {
  const runtime = runtimeWith(config());
  const [models, agents] = [runtime.models(), runtime.agents()];
  runtime.reconfigure({ agents: { list: [{ id: "work", name: "Work" }] } });
  expect(runtime.defaultAgentId).toBe("work");
  expect(runtime.agents()).not.toBe(agents);
  expect(runtime.agents()).toMatchObject([{ id: "work", name: "Work", primaryModel: "demo/offline" }]);
  expect(runtime.models()).not.toBe(models);
  expect(runtime.agents()).toBe(runtime.agents());
});
