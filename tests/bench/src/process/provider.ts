import { join } from "node:path";
import type { StreamReport } from "../tokens.ts";
import { portOf, startNode, stopChild } from "./child.ts";

/** The model provider of the benchmark, in a process of its own. */
export type Provider = {
  readonly port: number;
  /** When the tokens of a stream left; to be asked for before the stream begins. */
  reportOf(streamId: string): Promise<StreamReport>;
  stop(): Promise<void>;
};

export async function startProvider(folder: string): Promise<Provider> {
  const logFile = join(folder, "provider.log");
  const child = startNode(new URL("../servers/provider-server.ts", import.meta.url).pathname, {
    args: [],
    logFile,
    ipc: true,
  });
  const port = await portOf(child, logFile);
  const expected = new Map<string, (report: StreamReport) => void>();
  child.on("message", (report: StreamReport) => {
    expected.get(report.streamId)?.(report);
    expected.delete(report.streamId);
  });
  return {
    port,
    reportOf: (streamId) => new Promise((resolve) => void expected.set(streamId, resolve)),
    stop: () => stopChild(child),
  };
}
