import { expect, test } from "vitest";
import { isAllowedOrigin } from "./origin.ts";

const listed = ["https://app.example.com", "https://other.example.com/"];

test.each([
  ["https://chat.example.com", "chat.example.com", true],
  ["https://chat.example.com:8443", "chat.example.com:8443", true],
  ["http://127.0.0.1:3000", "127.0.0.1:3000", true],
  ["http://[::1]:3000", "[::1]:3000", true],
  ["http://localhost:3000", "localhost:3000", true],
  ["http://app.localhost:3000", "app.localhost:3000", true],
  ["http://devbox:3000", "devbox:3000", true],
  ["https://app.example.com", "proxy.internal", true],
  ["https://other.example.com", "proxy.internal", true],
  // A name that anybody could point here.
  ["http://evil.example.com:3000", "evil.example.com:3000", false],
  ["https://evil.example.com", "chat.example.com", false],
  ["http://localhost:3001", "localhost:3000", false],
  ["http://app.example.com", "proxy.internal", false],
  ["https://app.example.com:444", "proxy.internal", false],
  ["https://chat.example.com.", "chat.example.com.", true],
  ["https://chat.example.com.", "chat.example.com", false],
  ["HTTPS://chat.example.com", "chat.example.com", false],
  ["https://chat.example.com/", "chat.example.com", false],
  ["https://user@chat.example.com", "chat.example.com", false],
  ["null", "chat.example.com", false],
  ["", "chat.example.com", false],
  ["file://", "chat.example.com", false],
  ["chrome-extension://abc", "abc", false],
  ["https://chat.example.com", null, false],
])("%s at %s: %s", (origin, host, expected) => {
  expect(isAllowedOrigin(origin, host, listed)).toBe(expected);
});
