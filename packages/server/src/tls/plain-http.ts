import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

const body = "This port speaks TLS: use https:// or wss:// in place of http:// or ws://.\n";

/** Somebody speaks plain HTTP to the TLS port: one line they can read, then the end. Anything else just ends. */
export function answerPlainHttp(error: Error, socket: TLSSocket): void {
  if (!("code" in error) || error.code !== "ERR_SSL_HTTP_REQUEST") return;
  // The socket below the failed TLS one is still open, but Node has no public name for it.
  const plain: unknown = Reflect.get(socket, "_parent");
  if (!(plain instanceof Socket) || !plain.writable) return;
  plain.on("error", () => plain.destroy());
  plain.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
