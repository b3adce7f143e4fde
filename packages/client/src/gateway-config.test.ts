import { describe, expect, test } from "vitest";
import { modeFromEnvironment } from "./environment.ts";
import { findTarget, type GatewayConfig } from "./gateway-config.ts";

const here = "ws://127.0.0.1:18789/";
const token = "t";

describe("findTarget", () => {
  test.each<[GatewayConfig, Record<string, string>, url: string, token: string | undefined]>([
    // What the caller says, then the environment, then this machine.
    [{}, {}, here, undefined],
    [{ host: "box" }, {}, "ws://box:18789/", undefined],
    [{ port: 4000 }, {}, "ws://127.0.0.1:4000/", undefined],
    [{ host: "::1", port: 4000 }, {}, "ws://[::1]:4000/", undefined],
    [{ url: "https://box/ws", host: "other" }, {}, "wss://box/ws", undefined],
    [{}, { OPENCLAW_GATEWAY_URL: "ws://box:1/ws" }, "ws://box:1/ws", undefined],
    [{ host: "mine" }, { OPENCLAW_GATEWAY_URL: "ws://box:1/ws" }, "ws://mine:18789/", undefined],
    [{}, { OPENCLAW_GATEWAY_URL: "  " }, here, undefined],
    // Tokens in the same order; the first variable wins.
    [{ token }, { OPENCLAW_GATEWAY_TOKEN: "e" }, here, "t"],
    [{ url: `${here}#token=address` }, { OPENCLAW_GATEWAY_TOKEN: "e" }, here, "address"],
    [{}, { OPENCLAW_GATEWAY_TOKEN: "e", OPENCLAW_AUTH_TOKEN: "a" }, here, "e"],
    [{}, { OPENCLAW_GATEWAY_TOKEN: "", OPENCLAW_AUTH_TOKEN: "a" }, here, "a"],
    // The environment's token stays with the environment's gateway.
    [{}, { OPENCLAW_GATEWAY_URL: "ws://box:1", OPENCLAW_GATEWAY_TOKEN: "e" }, "ws://box:1/", "e"],
    [
      { url: "wss://box:1/x" },
      { OPENCLAW_GATEWAY_URL: "ws://box:1", OPENCLAW_GATEWAY_TOKEN: "e" },
      "wss://box:1/x",
      "e",
    ],
    [{ host: "evil" }, { OPENCLAW_GATEWAY_TOKEN: "e" }, "ws://evil:18789/", undefined],
    [{ host: "127.0.0.1.evil" }, { OPENCLAW_GATEWAY_TOKEN: "e" }, "ws://127.0.0.1.evil:18789/", undefined],
    [{ host: "localhost", port: 9 }, { OPENCLAW_GATEWAY_TOKEN: "e" }, "ws://localhost:9/", "e"],
    [{ port: 9 }, { OPENCLAW_GATEWAY_URL: "ws://box:1", OPENCLAW_GATEWAY_TOKEN: "e" }, "ws://127.0.0.1:9/", undefined],
  ])("%j with %j", (config, environment, url, expected) => {
    expect(findTarget(config, environment)).toEqual({ url, token: expected });
  });
});

test.each([
  [undefined, undefined],
  ["", undefined],
  ["Mock", "mock"],
  [" auto ", "auto"],
  ["real", "real"],
])("OPENCLAW_MODE=%j", (word, mode) => {
  expect(modeFromEnvironment({ OPENCLAW_MODE: word })).toBe(mode);
});
