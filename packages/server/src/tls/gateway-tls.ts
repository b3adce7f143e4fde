import { createAdaptorServer } from "@hono/node-server";
import { stat } from "node:fs/promises";
import { createServer, type Server, type ServerOptions } from "node:https";
import { hostname, networkInterfaces } from "node:os";
import { ConfigError } from "../config/load.ts";
import type { Cancel, Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { writePrivateFile } from "../platform/private-file.ts";
import type { TlsSettings } from "../settings.ts";
import { answerPlainHttp } from "./plain-http.ts";
import { type Certificate, CertificateError, readCertificate } from "./read-certificate.ts";

/** A client that opens a socket and does not begin is dropped after it. */
const handshakeTimeoutMs = 10_000;
/** How often the files are looked at. */
const checkIntervalMs = 30_000;
/** An own certificate is made anew when it has less than this to live. */
const renewBeforeMs = 30 * 24 * 60 * 60_000;

type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

/** The certificate a running gateway shows. */
export interface GatewayTls {
  /** SHA-256 of the certificate, lower-case hex; clients pin it. */
  readonly fingerprint: string;
  /** The server of the port; a renewed certificate is shown to whoever connects from then on. */
  createServer(fetch: Fetch, options: ServerOptions): Server;
  /** Looks at the files now: reads a renewed certificate, makes an own one that is about to expire anew. Never rejects. */
  check(): Promise<void>;
  close(): void;
}

export type TlsDeps = { settings: TlsSettings; host: string; configPath: string; clock: Clock; log: Log };

/** Reads the certificate, or makes one. Rejects with `ConfigError` when it cannot be used. */
export async function openGatewayTls({ settings, host, configPath, clock, log }: TlsDeps): Promise<GatewayTls> {
  async function make(): Promise<Certificate> {
    const { makeCertificate } = await import("./own-certificate.ts");
    const { cert, key } = await makeCertificate(ownNames(host), clock.now());
    // The key first: a kill in between leaves a pair that does not fit, and the next start says so.
    await writePrivateFile(settings.keyPath, key);
    await writePrivateFile(settings.certPath, cert);
    const made = await readCertificate(settings, clock.now());
    log.warn(
      { certPath: settings.certPath, sha256: made.fingerprint },
      "a TLS certificate was made; clients that pin the gateway need this fingerprint",
    );
    return made;
  }

  async function readOrMake(): Promise<Certificate> {
    let found: Certificate;
    try {
      found = await readCertificate(settings, clock.now());
    } catch (error) {
      if (settings.generate && error instanceof CertificateError && (error.isMissing || (await isExpiredOwn())))
        return make();
      throw error;
    }
    return settings.generate && found.isOwn && found.notAfterMs - clock.now() < renewBeforeMs ? make() : found;
  }

  const isExpiredOwn = async (): Promise<boolean> =>
    readCertificate(settings, 0).then(
      ({ isOwn, notAfterMs }) => isOwn && notAfterMs <= clock.now(),
      () => false,
    );

  let current = await readOrMake().catch((error: unknown) => {
    if (error instanceof ConfigError) throw error;
    const field = error instanceof CertificateError ? error.field : "certPath";
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError(configPath, [{ path: `gateway.tls.${field}`, message }]);
  });
  const servers = new Set<Server>();
  let seen = await stamp(settings);
  let told = "";

  async function check(): Promise<void> {
    const now = await stamp(settings);
    const isDue = settings.generate && current.isOwn && current.notAfterMs - clock.now() < renewBeforeMs;
    if (now === seen && !isDue) return;
    try {
      const next = await readOrMake();
      seen = await stamp(settings);
      told = "";
      if (next.fingerprint === current.fingerprint) return;
      current = next;
      for (const server of servers) server.setSecureContext(current.context);
      log.info(
        { certPath: settings.certPath, sha256: current.fingerprint },
        "a renewed TLS certificate is used from now on",
      );
    } catch (error) {
      // Half of a pair may have been written: it is looked at again, and told once.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== told)
        log.error(
          { certPath: settings.certPath, reason: message },
          "the TLS certificate on disk cannot be used; the former one stays",
        );
      told = message;
    }
  }

  let cancel: Cancel | undefined;
  function schedule(): void {
    cancel = clock.at(clock.now() + checkIntervalMs, () => {
      schedule();
      void check();
    });
  }
  schedule();

  return {
    get fingerprint() {
      return current.fingerprint;
    },
    createServer: (fetch, options) => {
      const serverOptions = { ...options, ...current.context, handshakeTimeout: handshakeTimeoutMs };
      const server = createAdaptorServer({ fetch, createServer, serverOptions }) as Server;
      server.on("tlsClientError", answerPlainHttp);
      servers.add(server);
      return server;
    },
    check,
    close: () => cancel?.(),
  };
}

/** Changes when one of the files does. */
async function stamp({ certPath, keyPath, caPath }: TlsSettings): Promise<string> {
  const stamps = [certPath, keyPath, ...(caPath === undefined ? [] : [caPath])].map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`,
      () => "none",
    ),
  );
  return (await Promise.all(stamps)).join(" ");
}

/** What clients may call this gateway: this machine in every form, and where it listens. */
export function ownNames(host: string): string[] {
  const isAny = host === "0.0.0.0" || host === "::";
  const addresses = isAny
    ? Object.values(networkInterfaces()).flatMap((faces) => (faces ?? []).map(({ address }) => address))
    : [host];
  const names = [
    "localhost",
    hostname(),
    "127.0.0.1",
    "::1",
    ...addresses.map((address) => address.split("%")[0] ?? ""),
  ];
  return [...new Set(names.filter((name) => /^[\w.:-]+$/.test(name)))];
}
