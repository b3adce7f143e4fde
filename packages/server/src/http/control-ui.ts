import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type OriginRefusal, toErrorBody } from "./origin-refusal.ts";
import { refusedPage, refusedPagePolicy } from "./refused-page.ts";

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

export type ControlUiDeps = {
  /** Folder of the built pages. */
  dir: string;
  /** Where they are served: empty for the root, or a path without a slash at its end. */
  basePath: string;
  /** Why a page that a request asks for could not connect; the person sees that in its place. */
  refusalOf?: ((request: HttpBindings["incoming"]) => OriginRefusal | undefined) | undefined;
};

/**
 * Serves the dashboard. A request can only name a file that was listed when the first one came: paths are looked up, never
 * built, so nothing outside the folder can be reached. Every other path is the page itself, which routes on its own.
 */
export function createControlUi({ dir, basePath, refusalOf }: ControlUiDeps) {
  const app = new Hono<{ Bindings: HttpBindings }>();
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
    // Its own address relative to the page would not hold for pages further down.
    if (c.req.path === basePath && basePath !== "") return c.redirect(`${basePath}/`, 302);
    const path = c.req.path.slice(basePath.length);
    const name = path === "/" ? pageName : path;
    const files = await known(name);
    if (name !== pageName && files.has(name)) {
      return c.body(await readFile(join(dir, name)), 200, {
        "Content-Type": types[extname(name)] ?? "application/octet-stream",
        "Cache-Control": name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      });
    }
    if (name.startsWith("/assets/") || !files.has(pageName)) return c.text("Not Found", 404);
    const refusal = refusalOf?.(c.env.incoming);
    return refusal ? refuse(c, refusal) : c.body(await page(), 200, pageHeaders);
  });
  app.all("*", (c) => c.text("Method Not Allowed", 405));
  return app;

  /** The page is built with addresses relative to its own place; here they get the place they are served at. */
  async function page(): Promise<string> {
    return (await readFile(join(dir, pageName), "utf8")).replaceAll('="./', `="${basePath}/`);
  }
}

const pageName = "/index.html";
const pageHeaders = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache" };

/** In the form that was asked for: a page for a browser, else what programs read. */
function refuse(c: Context, refusal: OriginRefusal): Response {
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept, Origin");
  if (!(c.req.header("accept") ?? "").includes("text/html")) return c.json(toErrorBody(refusal), 403);
  c.header("Content-Security-Policy", refusedPagePolicy);
  return c.html(refusedPage(refusal), 403);
}

async function listFiles(dir: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(dir, join(entry.parentPath, entry.name)).split(sep).join("/")}`),
  );
}
