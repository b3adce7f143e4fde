import { describe, expect, test } from "vitest";
import { isAllowedOrigin } from "./origin.ts";

const host = "127.0.0.1:18789";
const asked = (own: string | undefined) => ({ headers: own === undefined ? {} : { host: own } });

describe("a page may open a socket", () => {
  test.each([
    ["http://127.0.0.1:18789", host, []],
    ["http://localhost:18789", "localhost:18789", []],
    ["http://[::1]:18789", "[::1]:18789", []],
    ["https://gateway.example", "gateway.example", []],
    ["http://192.168.1.7:18789", "192.168.1.7:18789", []],
    ["http://nas:18789", "nas:18789", []],
    ["http://box.tail1234.ts.net:18789", "box.tail1234.ts.net:18789", []],
    ["https://app.example", host, ["https://app.example"]],
    ["http://rebound.example:18789", "rebound.example:18789", ["http://rebound.example:18789"]],
    ["https://app.example", host, ["*"]],
  ])("%s on %s (%j)", (origin, own, allowed) => {
    expect(isAllowedOrigin(origin, asked(own), allowed)).toBe(true);
  });
});

test("behind a trusted proxy the gateway has the name the page was asked by", () => {
  expect(isAllowedOrigin("http://gateway.example", { headers: { host: "gateway.example" }, via: {} }, [])).toBe(true);
});

describe("T-A2: a page may not", () => {
  test.each([
    ["null", host, []],
    ["", host, []],
    ["http://evil.example", host, []],
    ["http://evil.example:18789", "evil.example:18789", []],
    ["http://evil.ts.net.example:18789", "evil.ts.net.example:18789", []],
    ["http://127.0.0.1:3000", host, []],
    ["http://localhost:18789", host, []],
    ["http://127.0.0.1.:18789", host, []],
    ["HTTP://LOCALHOST:18789", "localhost:18789", []],
    ["http://user@127.0.0.1:18789", host, []],
    ["http://127.0.0.1:18789/path", host, []],
    ["file:///etc/passwd", host, []],
    ["http://127.0.0.1:18789.evil.example", host, []],
    ["https://app.example.evil", host, ["https://app.example"]],
    ["http://app.example", host, ["https://app.example"]],
    ["http://127.0.0.1:18789", undefined, []],
  ])("%s on %s (%j)", (origin, own, allowed) => {
    expect(isAllowedOrigin(origin, asked(own), allowed)).toBe(false);
  });
});
