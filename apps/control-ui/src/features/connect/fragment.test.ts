import { expect, test } from "vitest";
import { takeFragment } from "./fragment.ts";

const secret = (text: string) => ({ kind: "secret", secret: text });
const code = (text: string) => ({ kind: "code", code: text });
const setupCode = btoa(JSON.stringify({ url: "ws://evil.example", bootstrapToken: "b-1" }));

test.each([
  ["http://h/#token=abc", { credential: secret("abc"), rest: "/" }],
  ["http://h/chat/main?x=1#token=a%2Bb%2F", { credential: secret("a+b/"), rest: "/chat/main?x=1" }],
  ["http://h/#a=1&token=abc", { credential: secret("abc"), rest: "/#a=1" }],
  ["http://h/#token=", { credential: undefined, rest: "/" }],
  ["http://h/", undefined],
  ["http://h/#section", undefined],
  // Only the fragment stays on this machine; a query would be in logs already.
  ["http://h/?token=abc", undefined],
  ["http://h/?code=abc", undefined],
  [
    "http://h/?gatewayUrl=ws://evil.example#token=abc",
    { credential: secret("abc"), rest: "/?gatewayUrl=ws://evil.example" },
  ],
  ["http://h/#code=setup_abc-1", { credential: code("setup_abc-1"), rest: "/" }],
  // The address within a set-up code is not followed.
  [`http://h/#code=${setupCode}`, { credential: code("b-1"), rest: "/" }],
  [`http://h/#code=${btoa("[1]")}`, { credential: code(btoa("[1]")), rest: "/" }],
  ["http://h/#token=abc&code=def", { credential: secret("abc"), rest: "/" }],
  ["http://h/#code=", { credential: undefined, rest: "/" }],
])("%s", (address, expected) => {
  expect(takeFragment(address)).toEqual(expected);
});
