import { Worker } from "node:worker_threads";
import type { PdfOrder, PdfReport } from "./pdf-worker.ts";

export type ReadPdf = (order: PdfOrder & { timeoutMs: number }) => Promise<PdfReport>;

/** PDFs that are read at the same time, and that wait for it. */
const maxReading = 2;
const maxWaiting = 32;
/** Memory of one reader. */
const maxOldGenerationSizeMb = 256;

/**
 * Reads the text of PDFs, each in a thread of its own: a document that is made to take all time or memory takes its own
 * thread's, and leaves nothing behind for the next one.
 */
export function createPdfReader({ workerUrl = workerBesideThisFile() }: { workerUrl?: URL } = {}): ReadPdf {
  let reading = 0;
  const waiting: (() => void)[] = [];

  async function takePlace(): Promise<boolean> {
    if (reading < maxReading) reading++;
    else if (waiting.length >= maxWaiting) return false;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return true;
  }
  function leavePlace(): void {
    const next = waiting.shift();
    if (next) next();
    else reading--;
  }

  return async ({ timeoutMs, ...order }) => {
    if (!(await takePlace())) return { problem: "too many PDFs are being read; try again in a moment" };
    try {
      return await readInThread(workerUrl, order, timeoutMs);
    } finally {
      leavePlace();
    }
  };
}

async function readInThread(workerUrl: URL, order: PdfOrder, timeoutMs: number): Promise<PdfReport> {
  const worker = new Worker(workerUrl, { workerData: order, env: {}, resourceLimits: { maxOldGenerationSizeMb } });
  const { promise, resolve } = Promise.withResolvers<PdfReport>();
  const timer = setTimeout(() => resolve({ problem: `it took longer than ${timeoutMs / 1_000} s` }), timeoutMs);
  worker.once("message", (report: PdfReport) => resolve(report));
  worker.once("error", (error: Error) => resolve({ problem: problemOf(error) }));
  worker.once("exit", () => resolve({ problem: "it is damaged" }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const problemOf = (error: Error): string =>
  "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "it takes too much memory" : "it is damaged";

/** In the sources and in a bundle alike, the worker lies beside this file under the same kind of name. */
function workerBesideThisFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./pdf-worker.${extension}`, import.meta.url);
}
