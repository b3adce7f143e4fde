import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { Hono } from "hono";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};

/** Least time between two listings of the folder. */
const relistAfterMs = 1_000;

/**
 * Serves the dashboard. A request can only name a file that was listed when the first one came: paths are looked up, never
 * built, so nothing outside the folder can be reached. Every other path is the page itself, which routes on its own.
 */
export function createControlUi(dir: string): Hono {
  const app = new Hono();
  let listing: { files: Promise<ReadonlySet<string>>; atMs: number } | undefined;

  /** The listing, made anew for an unknown asset after a while: a rebuilt dashboard has other names. */
  async function known(path: string): Promise<ReadonlySet<string>> {
    listing ??= { files: listFiles(dir), atMs: Date.now() };
    const files = await listing.files;
    if (files.has(path) || !path.startsWith("/assets/") || Date.now() - listing.atMs < relistAfterMs) return files;
    listing = { files: listFiles(dir), atMs: Date.now() };
    return listing.files;
  }

  app.on(["GET", "HEAD"], "*", async (c) => {
    const path = c.req.path === "/" ? "/index.html" : c.req.path;
    const files = await known(path);
    if (files.has(path))
      return send(path, path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    if (path.startsWith("/assets/") || !files.has("/index.html")) return c.text("Not Found", 404);
    return send("/index.html", "no-cache");

    async function send(name: string, cacheControl: string) {
      const body = await readFile(join(dir, name));
      return c.body(body, 200, {
        "Content-Type": types[extname(name)] ?? "application/octet-stream",
        "Cache-Control": cacheControl,
      });
    }
  });
  app.all("*", (c) => c.text("Method Not Allowed", 405));
  return app;
}

async function listFiles(dir: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/")}`),
  );
}
