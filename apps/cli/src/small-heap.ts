import { setFlagsFromString } from "node:v8";

/**
 * Left alone, V8 answers a burst of work by letting its young generation grow to 128 MB and the old one to a multiple of
 * what is alive, and gives neither back. A gateway idles most of its life and shares its machine: the young generation
 * stays small, and the old one is collected when it has grown by this much. Costs a tenth of the CPU of requests that
 * make much garbage. Both are read whenever the heap grows, so they can be set while the program runs; before anything
 * else is loaded, because loading is the first burst.
 */
const oldGrowthPercent = 40;

setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString(`--heap-growing-percent=${oldGrowthPercent}`);
