// Compiled code is kept between runs, which saves most of the start-up time. It lies in the user's own folder: the
// default, a folder every user of the machine may write to, would let others choose what runs here.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheRoot = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
enableCompileCache(process.env.NODE_COMPILE_CACHE || join(cacheRoot, "openclaw-gateway", "compiled"));
await import("./main.js");
