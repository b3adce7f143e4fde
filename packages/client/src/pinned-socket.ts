import type { ClientRequestArgs } from "node:http";
import { connect, type ConnectionOptions } from "node:tls";
import { normalizeTlsFingerprint } from "./tls-fingerprint.ts";

/** How Node makes the socket of a request: the callback gets it when it may be used. */
export type CreateConnection = NonNullable<ClientRequestArgs["createConnection"]>;

/**
 * Makes TLS sockets to one certificate only. The certificate is compared before the socket is handed out, so nothing, not
 * even the address of the request, goes to anybody else. The pin takes the place of names, dates and authorities.
 */
export function createPinnedConnection(fingerprint: string): CreateConnection {
  return (options, made) => {
    // The options of the request are those of its socket, too.
    const socket = connect({ ...(options as ConnectionOptions), rejectUnauthorized: false });
    const fail = (error: Error): void => made(error, socket);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      const shown = socket.getPeerCertificate().fingerprint256;
      const found = typeof shown === "string" && shown !== "" ? normalizeTlsFingerprint(shown) : "none";
      if (found === fingerprint) return made(null, socket);
      // Whoever waits for the socket is told; the socket's own end is nobody's concern any more.
      socket.on("error", () => {});
      socket.destroy();
      made(new CertificatePinError(fingerprint, found), socket);
    });
    return undefined;
  };
}

/** The peer shows another certificate than the one it is known by. Nothing was sent to it. */
export class CertificatePinError extends Error {
  override readonly name = "CertificatePinError";
  readonly expected: string;
  readonly found: string;
  constructor(expected: string, found: string) {
    super(
      `the gateway's certificate is not the pinned one (expected sha256:${expected}, found sha256:${found}); nothing was sent`,
    );
    this.expected = expected;
    this.found = found;
  }
}
