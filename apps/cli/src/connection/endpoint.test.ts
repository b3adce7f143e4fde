import { expect, test } from "vitest";
import { resolveStatePaths } from "@openclaw-gateway/server/installation";
import { CommandError } from "../exit-codes.ts";
import { resolveEndpoint } from "./endpoint.ts";
import { type Installation, pickSettings } from "./installation.ts";

type Case = {
  name: string;
  flags?: { url?: string; token?: string; password?: string };
  env?: Record<string, string>;
  file?: unknown;
  storedToken?: string;
  runningUrl?: string;
  expected: { url: string; token?: string; password?: string; isOwn?: boolean };
};

const own = { gateway: { port: 20_001, auth: { token: "file-token" } } };
const remote = {
  gateway: { remote: { url: "wss://far.example/gw", token: "remote-token" }, auth: { token: "file-token" } },
};
const local = "ws://127.0.0.1:18789/";

const cases: Case[] = [
  { name: "nothing at all: the default", expected: { url: local, isOwn: true } },
  {
    name: "the file's port and token",
    file: own,
    expected: { url: "ws://127.0.0.1:20001/", token: "file-token", isOwn: true },
  },
  { name: "the stored token", storedToken: "stored", expected: { url: local, token: "stored" } },
  {
    name: "the file's token before the stored one",
    file: own,
    storedToken: "stored",
    expected: { url: "ws://127.0.0.1:20001/", token: "file-token" },
  },
  {
    name: "a running gateway before the file's port",
    file: own,
    runningUrl: "http://127.0.0.1:30000/",
    expected: { url: "ws://127.0.0.1:30000/", token: "file-token", isOwn: true },
  },
  {
    name: "the environment's port before the running gateway",
    env: { OPENCLAW_GATEWAY_PORT: "20002" },
    file: own,
    runningUrl: "http://127.0.0.1:30000/",
    expected: { url: "ws://127.0.0.1:20002/", token: "file-token", isOwn: true },
  },
  {
    name: "the environment's address before its port",
    env: { OPENCLAW_GATEWAY_URL: "ws://127.0.0.1:1", OPENCLAW_GATEWAY_PORT: "2" },
    expected: { url: "ws://127.0.0.1:1/", isOwn: false },
  },
  {
    name: "the flag before the environment",
    flags: { url: "127.0.0.1:3" },
    env: { OPENCLAW_GATEWAY_URL: "ws://127.0.0.1:1" },
    expected: { url: "ws://127.0.0.1:3/" },
  },
  {
    name: "the environment's token before the file's",
    env: { OPENCLAW_GATEWAY_TOKEN: "env" },
    file: own,
    expected: { url: "ws://127.0.0.1:20001/", token: "env" },
  },
  { name: "the token of older clients", env: { OPENCLAW_AUTH_TOKEN: "auth" }, expected: { url: local, token: "auth" } },
  {
    name: "of both token variables the gateway's own",
    env: { OPENCLAW_AUTH_TOKEN: "auth", OPENCLAW_GATEWAY_TOKEN: "gateway" },
    expected: { url: local, token: "gateway" },
  },
  {
    name: "the token flag before all",
    flags: { token: "flag" },
    env: { OPENCLAW_GATEWAY_TOKEN: "env" },
    file: own,
    expected: { url: "ws://127.0.0.1:20001/", token: "flag" },
  },
  {
    name: "a pasted address carries its token",
    flags: { url: "http://127.0.0.1:9/#token=pasted" },
    env: { OPENCLAW_GATEWAY_TOKEN: "env" },
    expected: { url: "ws://127.0.0.1:9/", token: "pasted" },
  },
  {
    name: "the environment's password",
    env: { OPENCLAW_GATEWAY_PASSWORD: "pw" },
    file: own,
    expected: { url: "ws://127.0.0.1:20001/", password: "pw" },
  },
  {
    name: "the file's password",
    file: { gateway: { auth: { mode: "password", password: "pw" } } },
    expected: { url: local, password: "pw" },
  },
  {
    name: "empty variables are unset",
    env: { OPENCLAW_GATEWAY_TOKEN: "", OPENCLAW_GATEWAY_URL: " ", OPENCLAW_GATEWAY_PORT: "" },
    file: own,
    expected: { url: "ws://127.0.0.1:20001/", token: "file-token" },
  },
  {
    name: "a remote gateway with its own token",
    file: remote,
    expected: { url: "wss://far.example/gw", token: "remote-token", isOwn: false },
  },
  {
    name: "mode local keeps the remote one aside",
    file: { gateway: { ...remote.gateway, mode: "local" } },
    expected: { url: local, token: "file-token", isOwn: true },
  },
  {
    name: "secrets of this machine never go to a named other one",
    flags: { url: "wss://far.example" },
    file: own,
    storedToken: "stored",
    expected: { url: "wss://far.example/" },
  },
  {
    name: "nor the remote token",
    flags: { url: "wss://else.example" },
    file: remote,
    expected: { url: "wss://else.example/" },
  },
  {
    name: "but to a named address of this machine",
    flags: { url: "ws://localhost:5" },
    file: own,
    expected: { url: "ws://localhost:5/", token: "file-token" },
  },
  {
    name: "the address the gateway is bound to",
    file: { gateway: { bind: "custom", customBindHost: "10.0.0.5" } },
    expected: { url: "ws://10.0.0.5:18789/" },
  },
  { name: "every interface is reached through loopback", file: { gateway: { bind: "lan" } }, expected: { url: local } },
  {
    name: "variables in the file",
    env: { T: "from-variable" },
    file: { gateway: { auth: { token: "${T}" } } },
    expected: { url: local, token: "from-variable" },
  },
  {
    name: "missing variables in the file count as absent",
    file: { gateway: { auth: { token: "${NOT_THERE}" } } },
    storedToken: "stored",
    expected: { url: local, token: "stored" },
  },
  {
    name: "wrong types in the file count as absent",
    file: { gateway: { port: "x", auth: { token: 5 }, remote: [] } },
    expected: { url: local },
  },
];

test.each(cases)("$name", ({ flags = {}, env = {}, file = {}, storedToken, runningUrl, expected }) => {
  const installation: Omit<Installation, "problem"> = {
    paths: resolveStatePaths({ OPENCLAW_STATE_DIR: "/state" }),
    file: pickSettings(file, env),
    storedToken,
    runningUrl,
    ownFingerprint: undefined,
  };
  const { url, token, password, isOwn } = resolveEndpoint(flags, env, installation);
  const found = { url, ...(token === undefined ? {} : { token }), ...(password === undefined ? {} : { password }) };
  const { isOwn: expectedOwn = isOwn, ...rest } = expected;
  expect({ ...found, isOwn }).toEqual({ ...rest, isOwn: expectedOwn });
});

test("an address that is none is a wrong use that names its source", () => {
  const installation = {
    paths: resolveStatePaths({}),
    file: pickSettings({}, {}),
    storedToken: undefined,
    runningUrl: undefined,
    ownFingerprint: undefined,
  };
  const resolve = () => resolveEndpoint({ url: "ftp://x" }, {}, installation);
  expect(resolve).toThrow(CommandError);
  expect(resolve).toThrow("--url: not a gateway address: ftp://x");
});

const [pin, ownPin] = ["ab".repeat(32), "cd".repeat(32)];
const tls = { gateway: { tls: { enabled: true }, remote: { url: "wss://far.example", tlsFingerprint: pin } } };

test.each([
  [
    "the own gateway speaks TLS with its own certificate",
    {},
    { gateway: { tls: { enabled: true } } },
    "wss://127.0.0.1:18789/",
    ownPin,
  ],
  ["the remote one with the configured one", {}, tls, "wss://far.example/", pin],
  [
    "the flag before all",
    { tlsFingerprint: `SHA256:${pin.toUpperCase()}` },
    { gateway: { tls: { enabled: true } } },
    "wss://127.0.0.1:18789/",
    pin,
  ],
  ["another address has no pin of ours", { url: "wss://else.example" }, tls, "wss://else.example/", undefined],
  ["this machine's address has", { url: "wss://localhost:5" }, tls, "wss://localhost:5/", ownPin],
  ["no TLS, no pin", { url: "ws://localhost:5" }, tls, "ws://localhost:5/", undefined],
])("fingerprints: %s", (_, flags, file, url, tlsFingerprint) => {
  const paths = resolveStatePaths({});
  const installation = {
    paths,
    file: pickSettings(file, {}),
    storedToken: undefined,
    runningUrl: undefined,
    ownFingerprint: ownPin,
  };
  const found = resolveEndpoint(flags, {}, installation);
  expect({ url: found.url, tlsFingerprint: found.tlsFingerprint }).toEqual({ url, tlsFingerprint });
});

test("T-F5: a fingerprint for an address without TLS, or one that is none, is a wrong use", () => {
  const installation = {
    paths: resolveStatePaths({}),
    file: pickSettings({}, {}),
    storedToken: undefined,
    runningUrl: undefined,
    ownFingerprint: undefined,
  };
  const resolve = (url: string, tlsFingerprint: string) => () =>
    resolveEndpoint({ url, tlsFingerprint }, {}, installation);
  expect(resolve("ws://far.example", pin)).toThrow("--tls-fingerprint needs a wss:// address");
  expect(resolve("wss://far.example", "12:34")).toThrow("--tls-fingerprint: not a SHA-256 certificate fingerprint");
});
