// Compiled code is kept between runs, which saves most of the start-up time. It lies in the user's own folder: the
// default, a folder every user of the machine may write to, would let others choose what runs here.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Node 22 calls SQLite experimental at every start; whoever runs the command can do nothing about it.
const { emitWarning } = process;
process.emitWarning = (warning, ...more) => {
  if (!String(warning).startsWith("SQLite is an experimental feature")) emitWarning.call(process, warning, ...more);
};

const cacheRoot = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
enableCompileCache(process.env.NODE_COMPILE_CACHE || join(cacheRoot, "openclaw-gateway", "compiled"));
await import("./main.js");
