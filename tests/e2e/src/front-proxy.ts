import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A reverse proxy before a gateway, as installations have them; `headers` changes what it passes on. */
export async function startFrontProxy(
  target: string,
  headers: (given: IncomingHttpHeaders) => IncomingHttpHeaders = (given) => given,
): Promise<{ port: number } & AsyncDisposable> {
  const { hostname, port: targetPort } = new URL(target);
  const pass = (given: IncomingHttpHeaders, method: string | undefined, path: string | undefined) =>
    request({ hostname, port: targetPort, method, path, headers: headers(given) });
  const server = createServer((incoming, outgoing) => {
    const passed = pass(incoming.headers, incoming.method, incoming.url);
    passed.on("response", (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passed.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(passed);
  });
  server.on("upgrade", (incoming, socket, head) => {
    socket.on("error", () => socket.destroy());
    const passed = pass(incoming.headers, incoming.method, incoming.url);
    const answer = (status: string, given: IncomingHttpHeaders): void => {
      const lines = Object.entries(given).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 ${status}\r\n${lines.join("\r\n")}\r\n\r\n`);
    };
    passed.on("upgrade", (response, upstream, upstreamHead) => {
      upstream.on("error", () => upstream.destroy());
      answer("101 Switching Protocols", response.headers);
      socket.write(upstreamHead);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      upstream.on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    });
    passed.on("response", (response) => {
      answer(`${response.statusCode} ${response.statusMessage}`, response.headers);
      response.pipe(socket);
    });
    passed.on("error", () => socket.destroy());
    passed.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
