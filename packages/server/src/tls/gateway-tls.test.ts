import { X509Certificate } from "node:crypto";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { createHttp } from "../http/app.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createTempFolder } from "../testing/test-databases.ts";
import { openGatewayTls, ownNames } from "./gateway-tls.ts";
import { makeCertificate } from "./own-certificate.ts";

const day = 24 * 60 * 60_000;

async function open({ generate = true, caPath }: { generate?: boolean; caPath?: string } = {}) {
  const folder = await createTempFolder();
  const settings = {
    certPath: join(folder.path, "tls", "cert.pem"),
    keyPath: join(folder.path, "tls", "key.pem"),
    caPath,
    generate,
  };
  let now = Date.now();
  // Nobody waits here: the tests say when to look.
  const clock = { now: () => now, at: () => () => {}, advance: (ms: number) => void (now += ms) };
  const start = () =>
    openGatewayTls({ settings, host: "127.0.0.1", configPath: "/c/openclaw.json", clock, log: silentLog });
  return { settings, clock, start, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function serve(tls: Awaited<ReturnType<typeof openGatewayTls>>, hsts?: string) {
  const http = createHttp({ readiness: () => ({ ready: true, parts: {} }), controlUiDir: undefined, hsts: () => hsts });
  const server = tls.createServer(http.fetch, {});
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      tls.close();
    },
  };
}

/** The certificate a client sees, and the protocol they agreed on. */
const look = (port: number, options: object = {}) =>
  new Promise<{ fingerprint: string; protocol: string | null }>((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => {
      const fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
      resolve({ fingerprint, protocol: socket.getProtocol() });
      socket.destroy();
    });
    socket.on("error", reject);
  });

test("a certificate is made once, for every name of this machine, in files that only the owner reads", async () => {
  await using opened = await open();
  const { settings, start } = opened;
  const first = await start();
  const cert = new X509Certificate(await readFile(settings.certPath));
  for (const name of ["localhost"]) expect(cert.checkHost(name)).toBe(name);
  for (const address of ["127.0.0.1", "::1"]) expect(cert.checkIP(address)).toBe(address);
  expect(cert.publicKey.asymmetricKeyType).toBe("ec");
  for (const path of [settings.certPath, settings.keyPath]) expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(settings.certPath, ".."))).mode & 0o777).toBe(0o700);
  const second = await start();
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

const plainRequest = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    const socket = connectPlain(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    socket.on("data", (data) => (text += data.toString("utf8")));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });

test("HTTPS answers on the port; nothing older than TLS 1.2; plain HTTP is told what to do", async () => {
  await using opened = await open();
  const tls = await opened.start();
  await using served = await serve(tls, "max-age=60");
  expect((await look(served.port)).fingerprint).toBe(tls.fingerprint);
  expect((await look(served.port, { maxVersion: "TLSv1.2" })).protocol).toBe("TLSv1.2");
  await expect(look(served.port, { minVersion: "TLSv1", maxVersion: "TLSv1.1" })).rejects.toThrow(/version|protocol/i);
  const ca = await readFile(opened.settings.certPath);
  const answer = await new Promise<{ status: number | undefined; hsts: unknown }>((resolve, reject) => {
    const sent = request({ port: served.port, host: "127.0.0.1", path: "/healthz", ca }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, hsts: response.headers["strict-transport-security"] });
    });
    sent.on("error", reject);
    sent.end();
  });
  expect(answer).toEqual({ status: 200, hsts: "max-age=60" });
  expect(await plainRequest(served.port)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[\s\S]*use https:\/\//);
});

test("HSTS is off unless it is asked for", async () => {
  const plain = createHttp({ readiness: () => ({ ready: true, parts: {} }), controlUiDir: undefined });
  expect((await plain.request("/healthz")).headers.get("strict-transport-security")).toBeNull();
});

test("a renewed certificate is shown without a restart; half of a pair changes nothing", async () => {
  await using opened = await open({ generate: false });
  const { settings, start, clock } = opened;
  await writePair(settings, await makeCertificate(["localhost"], clock.now()));
  const tls = await start();
  await using served = await serve(tls);
  const before = tls.fingerprint;
  const next = await makeCertificate(["localhost"], clock.now());
  await writeFile(settings.certPath, next.cert);
  await tls.check();
  expect((await look(served.port)).fingerprint).toBe(before);
  await writeFile(settings.keyPath, next.key);
  await tls.check();
  expect(tls.fingerprint).not.toBe(before);
  expect((await look(served.port)).fingerprint).toBe(tls.fingerprint);
});

test("an own certificate is made anew before it expires, a given one never", async () => {
  await using opened = await open();
  const { settings, start, clock } = opened;
  const tls = await start();
  const first = tls.fingerprint;
  clock.advance(790 * day);
  await tls.check();
  expect(tls.fingerprint).toBe(first);
  clock.advance(10 * day);
  await tls.check();
  expect(tls.fingerprint).not.toBe(first);
  // Long after its end, too: the gateway was off in between.
  clock.advance(900 * day);
  const later = await start();
  expect(later.fingerprint).not.toBe(tls.fingerprint);
  await writePair(settings, await makeCertificate(["localhost"], clock.now() - 900 * day));
  await using given = await open({ generate: false });
  await writePair(given.settings, await makeCertificate(["localhost"], Date.now() - 900 * day));
  await expect(given.start()).rejects.toThrow(/gateway\.tls\.certPath: the certificate .* expired on/);
});

test("what cannot be used is named with the key of the configuration and the file, and quotes no key", async () => {
  await using opened = await open({ generate: false });
  const { settings, start, clock } = opened;
  await expect(start()).rejects.toThrow(`gateway.tls.certPath: ${settings.certPath} does not exist`);
  const pair = await makeCertificate(["localhost"], clock.now());
  const other = await makeCertificate(["localhost"], clock.now());
  await writePair(settings, { cert: pair.cert, key: other.key });
  await expect(start()).rejects.toThrow(`gateway.tls.keyPath: the key ${settings.keyPath} does not belong`);
  await writePair(settings, { cert: "nonsense", key: pair.key });
  await expect(start()).rejects.toThrow(`gateway.tls.certPath: ${settings.certPath} holds no certificate in PEM form`);
  await writePair(settings, { cert: pair.cert, key: pair.key.replace(/[A-Z]/g, "x") });
  const refusal = await start().catch((error: unknown) => String(error));
  expect(refusal).toContain(`${settings.keyPath} holds no private key`);
  await using withCa = await open({ generate: false, caPath: "/nowhere/ca.pem" });
  await writePair(withCa.settings, pair);
  await expect(withCa.start()).rejects.toThrow("gateway.tls.caPath: /nowhere/ca.pem does not exist");
  expect(refusal).not.toContain(pair.key.split("\n")[1]);
});

test.runIf(process.getuid?.() !== 0)("a file without permission says so", async () => {
  await using opened = await open({ generate: false });
  const { settings, start, clock } = opened;
  await writePair(settings, await makeCertificate(["localhost"], clock.now()));
  await chmod(settings.keyPath, 0o000);
  await expect(start()).rejects.toThrow(`${settings.keyPath} cannot be read (EACCES)`);
});

test("a gateway for every interface has a certificate for every address", () => {
  expect(ownNames("0.0.0.0")).toEqual(expect.arrayContaining(["localhost", "127.0.0.1", "::1"]));
  expect(ownNames("10.1.2.3")).toContain("10.1.2.3");
  expect(ownNames("fe80::1%eth0").every((name) => !name.includes("%"))).toBe(true);
});

async function writePair(
  { certPath, keyPath }: { certPath: string; keyPath: string },
  pair: { cert: string; key: string },
) {
  await writePrivateFile(certPath, pair.cert);
  await writePrivateFile(keyPath, pair.key);
}
