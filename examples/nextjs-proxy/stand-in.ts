// Stands in for `next start`, so that this example runs without Next.js: it calls `register()`, makes its own HTTP server
// and, like Next.js, ends the socket of every upgrade it takes for one of its pages.
import { createServer } from "node:http";
import { register } from "./instrumentation.ts";

process.env["NEXT_RUNTIME"] = "nodejs";
await register();

const server = createServer((_request, response) => response.end("a page"));
server.on("upgrade", (_request, socket) => socket.end());
server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
