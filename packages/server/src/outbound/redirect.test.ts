import { describe, expect, test } from "vitest";
import { followRedirect, type Hop } from "./redirect.ts";

const hop = (over: Partial<Hop> = {}): Hop => ({
  url: new URL("https://one.example/a/b"),
  method: "GET",
  headers: { authorization: "Bearer x", cookie: "a=b", "x-api-key": "k", accept: "text/html", "user-agent": "ua" },
  body: undefined,
  ...over,
});

describe("the same origin", () => {
  test("keeps headers, method and body of a 307", () => {
    const before = hop({ method: "POST", body: "text" });
    expect(followRedirect(before, 307, "../c")).toEqual({ ...before, url: new URL("https://one.example/c") });
  });

  test.each([301, 302, 303])("a POST becomes a GET without body after %s", (status) => {
    const before = hop({ method: "POST", body: "text", headers: { "content-type": "text/plain", accept: "*/*" } });
    expect(followRedirect(before, status, "/c")).toMatchObject({
      method: "GET",
      body: undefined,
      headers: { accept: "*/*" },
    });
  });
});

describe("T-F6: another origin", () => {
  test.each(["https://two.example/", "http://one.example/a", "https://one.example:8443/", "//two.example/x"])(
    "%s gets no credentials",
    (location) => {
      expect(followRedirect(hop(), 302, location).headers).toEqual({ accept: "text/html", "user-agent": "ua" });
    },
  );

  test.each([307, 308])("a body is not replayed there by %s", (status) => {
    const before = hop({ method: "POST", body: "text" });
    expect(() => followRedirect(before, status, "https://two.example/")).toThrow(
      "one.example redirects a request with a body to two.example",
    );
  });
});

test("a location that is no address", () => {
  expect(() => followRedirect(hop(), 302, "http://")).toThrow("one.example redirects to no address");
});
