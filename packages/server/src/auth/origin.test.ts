import { describe, expect, test } from "vitest";
import { isAllowedOrigin } from "./origin.ts";

const host = "127.0.0.1:18789";

describe("a page may open a socket", () => {
  test.each([
    ["http://127.0.0.1:18789", host, []],
    ["http://localhost:18789", "localhost:18789", []],
    ["http://[::1]:18789", "[::1]:18789", []],
    ["https://gateway.example", "gateway.example", []],
    ["https://app.example", host, ["https://app.example"]],
    ["https://app.example", host, ["*"]],
  ])("%s on %s (%j)", (origin, own, allowed) => {
    expect(isAllowedOrigin(origin, own, allowed)).toBe(true);
  });
});

describe("a page may not", () => {
  test.each([
    ["null", host, []],
    ["", host, []],
    ["http://evil.example", host, []],
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
    expect(isAllowedOrigin(origin, own, allowed)).toBe(false);
  });
});
