import { expect, test } from "vitest";
import { pageOfPath, pathOfSession, pathWithin, sessionOfPath } from "./route.ts";

const defaults = { defaultAgentId: "main", mainKey: "main" };

test.each([
  ["agent:main:main", "/chat/main"],
  ["agent:main:chat-1", "/chat/chat-1"],
  ["agent:ops:main", "/chat/agent%3Aops%3Amain"],
  ["agent:main:a/b?c#d%", "/chat/a%2Fb%3Fc%23d%25"],
  ["agent:main:agent:x", "/chat/agent%3Amain%3Aagent%3Ax"],
  ["agent:main:global", "/chat/agent%3Amain%3Aglobal"],
  ["global", "/chat/global"],
])("%s is %s", (key, path) => {
  expect(pathOfSession(key, defaults)).toBe(path);
});

test.each([
  ["/chat/main", "main"],
  ["/chat/a%2Fb", "a/b"],
  ["/", undefined],
  ["/chat", undefined],
  ["/chat/", undefined],
  ["/chat/a/b", undefined],
  ["/chat/%E0%A4%A", undefined],
  ["/chat/%20", undefined],
])("%s names %s", (path, key) => {
  expect(sessionOfPath(path)).toBe(key);
});

test.each([
  ["/devices", "devices"],
  ["/audit", "audit"],
  ["/devices/x", "chat"],
  ["/chat/devices", "chat"],
  ["/", "chat"],
])("%s is the page %s", (path, page) => {
  expect(pageOfPath(path)).toBe(page);
});

test.each([
  ["", "/chat/main", "/chat/main"],
  ["/claw", "/claw/chat/main", "/chat/main"],
  ["/claw", "/claw/", "/"],
  ["/claw", "/claw", "/"],
  ["/claw", "/clawx/chat/main", "/"],
])("below %j %s is %s", (place, pathname, path) => {
  expect(pathWithin(place, pathname)).toBe(path);
});
