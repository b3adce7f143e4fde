import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { OutboundError } from "./outbound-error.ts";
import { createOutboundHttp, type OutboundOptions } from "./outbound-http.ts";

/** A real server on an address of its own; `host` is how a test may name it. */
async function serve(listener: RequestListener, address = "127.0.0.1") {
  const server = createServer(listener).listen(0, address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `${address}:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function client(options: OutboundOptions = {}) {
  const http = createOutboundHttp(options);
  return { ...http, [Symbol.asyncDispose]: () => http.close() };
}

const limits = { maxBytes: 1_000, timeoutMs: 5_000 };
const textOf = (body: Uint8Array) => Buffer.from(body).toString();

const addressesOf = (addresses: readonly string[] = []): LookupAddress[] =>
  addresses.map((address) => ({ address, family: 4 }));

/** 127.0.0.2 stands for the own network, 127.0.0.1 for the public one. */
const twoNetworks = (names: Record<string, readonly string[]>) => {
  const options: OutboundOptions = {
    refuse: (address) => (address === "127.0.0.1" ? undefined : "private"),
    resolve: (name, done) => done(null, addressesOf(names[name])),
  };
  return options;
};

describe("T-F6: one client for addresses that somebody else chose", () => {
  test.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::]/",
    "http://0/",
    "http://0.0.0.0:80/",
    "http://169.254.169.254/latest/meta-data/",
    "http://①②⑦.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST/",
  ])("%s is refused", async (url) => {
    await using http = client();
    await expect(http.request({ url, ...limits })).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringContaining("not on the public internet"),
    });
  });

  test.each([
    ["file:///etc/passwd", "not file:"],
    ["ftp://example.com/", "not ftp:"],
    ["data:text/plain,x", "not data:"],
    ["http://user:secret@example.com/", "user name or password"],
    ["http://", "not an address"],
    ["example.com", "not an address"],
  ])("%s is refused", async (url, message) => {
    await using http = client();
    await expect(http.request({ url, ...limits })).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringContaining(message),
    });
  });

  test("a host that the operator allowed is fetched, on the port that was allowed", async () => {
    await using server = await serve((_, response) => response.end("hello"));
    await using other = await serve((_, response) => response.end("other"));
    await using http = client({ allowedHosts: [server.host] });
    const answer = await http.request({ url: `http://${server.host}/`, ...limits });
    expect({ status: answer.status, text: textOf(answer.body) }).toEqual({ status: 200, text: "hello" });
    await expect(http.request({ url: `http://${other.host}/`, ...limits })).rejects.toThrow("loopback");
  });

  test("an allowed host cannot send the request on to one that is not", async () => {
    await using inside = await serve((_, response) => response.end("secret"));
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: `http://${inside.host}/` }).end(),
    );
    await using http = client({ allowedHosts: [server.host] });
    await expect(http.request({ url: `http://${server.host}/`, ...limits })).rejects.toMatchObject({
      failure: "refused",
    });
  });

  test.each(["inside.example.", "INSIDE.example"])("the name %s is judged by its address", async (name) => {
    const options = twoNetworks({ [name.toLowerCase()]: ["127.0.0.2"] });
    await using http = client(options);
    await expect(http.request({ url: `http://${name}/`, ...limits })).rejects.toMatchObject({ failure: "refused" });
  });

  test("one private address among public ones spoils a name", async () => {
    const options = twoNetworks({ "mixed.example": ["127.0.0.1", "127.0.0.2"] });
    await using http = client(options);
    await expect(http.request({ url: "http://mixed.example/", ...limits })).rejects.toThrow(
      "mixed.example is not on the public internet (private address)",
    );
  });

  test("the address that was checked is the one connected to: a name that changes its mind reaches nothing", async () => {
    await using server = await serve((request, response) => response.end(request.socket.localAddress));
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    let lookups = 0;
    await using http = client({
      refuse: (address) => (address === "127.0.0.1" ? undefined : "private"),
      resolve: (_, done) => done(null, addressesOf(answers[lookups++])),
    });
    const answer = await http.request({ url: `http://rebind.example:${server.port}/`, ...limits });
    expect({ lookups, connectedTo: textOf(answer.body) }).toEqual({ lookups: 1, connectedTo: "127.0.0.1" });
  });

  test("a redirect to a name in the own network is refused, and nobody is asked there", async () => {
    let reached = 0;
    await using inside = await serve((_, response) => response.end(String(++reached)), "127.0.0.2");
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: `http://inside.example:${inside.port}/` }).end(),
    );
    const options = twoNetworks({ "public.example": ["127.0.0.1"], "inside.example": ["127.0.0.2"] });
    await using http = client(options);
    await expect(http.request({ url: `http://public.example:${server.port}/`, ...limits })).rejects.toThrow(
      "inside.example is not on the public internet",
    );
    expect(reached).toBe(0);
  });

  test.each([
    [["a.test"], "refused"],
    [["a.test", "b.test"], 200],
    [["*.test"], 200],
    [["*.a.test"], "refused"],
    [["A.test "], "refused"],
    [["est"], "refused"],
  ] as const)("where only %j may be asked, a redirect from a.test to b.test is %s", async (onlyHosts, expected) => {
    await using server = await serve((request, response) => {
      if (request.headers.host?.startsWith("b.")) return void response.end("there");
      const { port } = server;
      return void response.writeHead(302, { location: `http://b.test:${port}/` }).end();
    });
    await using http = client(twoNetworks({ "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] }));
    const asked = http.request({ url: `http://a.test:${server.port}/`, ...limits, onlyHosts });
    const outcome = await asked.then(
      ({ status }) => status,
      (error: unknown) => (error instanceof OutboundError ? error.failure : error),
    );
    expect(outcome).toBe(expected);
  });

  test("credentials do not follow a redirect to another origin", async () => {
    await using second = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    await using first = await serve((_, response) =>
      response.writeHead(307, { location: `http://two.example:${second.port}/` }).end(),
    );
    const options = twoNetworks({ "one.example": ["127.0.0.1"], "two.example": ["127.0.0.1"] });
    await using http = client(options);
    const answer = await http.request({
      url: `http://one.example:${first.port}/`,
      headers: { Authorization: "Bearer canary", Cookie: "canary", "X-Api-Key": "canary", Accept: "text/plain" },
      ...limits,
    });
    expect(JSON.parse(textOf(answer.body))).toMatchObject({ accept: "text/plain" });
    expect(textOf(answer.body)).not.toContain("canary");
    expect(answer.url).toBe(`http://two.example:${second.port}/`);
  });

  test("redirects end", async () => {
    await using server = await serve((_, response) => response.writeHead(302, { location: "/again" }).end());
    await using http = client({ allowedHosts: [server.host] });
    await expect(http.request({ url: `http://${server.host}/`, ...limits })).rejects.toMatchObject({
      failure: "redirect",
      message: `${server.host} redirects too often`,
    });
  });

  test("bytes are capped, after decompression", async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    await using server = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
    );
    await using http = client({ allowedHosts: [server.host] });
    const answer = await http.request({ url: `http://${server.host}/`, ...limits });
    expect({ bytes: answer.body.byteLength, truncated: answer.truncated }).toEqual({ bytes: 1_000, truncated: true });
  });

  test("a body of exactly the limit is whole", async () => {
    await using server = await serve((_, response) => response.end("x".repeat(1_000)));
    await using http = client({ allowedHosts: [server.host] });
    expect((await http.request({ url: `http://${server.host}/`, ...limits })).truncated).toBe(false);
  });

  test("time is capped, also while the body trickles in", async () => {
    await using server = await serve((_, response) => void response.writeHead(200).write("a"));
    await using http = client({ allowedHosts: [server.host] });
    await expect(http.request({ url: `http://${server.host}/`, maxBytes: 10, timeoutMs: 100 })).rejects.toMatchObject({
      failure: "timeout",
      message: `${server.host} did not answer within 0.1 s`,
    });
  });

  test("a name without an address, and a port without a server, are named", async () => {
    const options = twoNetworks({ "down.example": ["127.0.0.1"] });
    await using http = client(options);
    await expect(http.request({ url: "http://nowhere.example/", ...limits })).rejects.toThrow(
      "nowhere.example has no address",
    );
    await expect(http.request({ url: "http://down.example:9/", ...limits })).rejects.toMatchObject({
      failure: "network",
      message: expect.stringContaining("down.example:9 could not be fetched"),
    });
  });
});
