import { expect, test } from "vitest";
import { parseAddress } from "./address.ts";

test.each([
  ["ws://127.0.0.1:18789", "ws://127.0.0.1:18789/"],
  ["wss://gateway.example/api/gateway/ws?x=1", "wss://gateway.example/api/gateway/ws?x=1"],
  ["http://127.0.0.1:18789/", "ws://127.0.0.1:18789/"],
  ["https://gateway.example/ws", "wss://gateway.example/ws"],
  ["HTTPS://Gateway.Example", "wss://gateway.example/"],
  ["127.0.0.1:19001", "ws://127.0.0.1:19001/"],
  ["localhost", "ws://localhost:18789/"],
  ["[::1]:19001/ws", "ws://[::1]:19001/ws"],
  ["  localhost:1  ", "ws://localhost:1/"],
  ["ws://host:1/?token=abc", "ws://host:1/?token=abc"],
])("%s is %s", (text, url) => {
  expect(parseAddress(text)).toEqual({ url, token: undefined });
});

test("the fragment the gateway prints becomes the token and is not sent", () => {
  expect(parseAddress("http://127.0.0.1:18789/#token=a%2Fb")).toEqual({ url: "ws://127.0.0.1:18789/", token: "a/b" });
});

test.each(["", "ftp://host", "http://", "ws://ho st", "file:///etc/passwd"])("%j is refused", (text) => {
  expect(() => parseAddress(text)).toThrow(TypeError);
});

test("a refused address does not show the secret it carries", () => {
  expect(() => parseAddress("ftp://host/#token=secret")).toThrow("not a gateway address: ftp://host/");
});
