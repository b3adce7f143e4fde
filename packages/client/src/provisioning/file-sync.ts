import { type AgentFile, type AgentFileName, agentFileNames } from "@openclaw-gateway/protocol";
import type { CallOptions, GatewayControlPlane } from "./control-plane.ts";
import type { RenderedFile } from "./templates.ts";

/** `preserved`: the agent's own by now. `unsupported`: this gateway cannot store, or not delete, it. */
export type FileOutcome = "written" | "unchanged" | "preserved" | "unsupported" | "deleted";

export type SyncedFile = { name: AgentFileName; outcome: FileOutcome };

export type SyncPlan = {
  agentId: string;
  files: readonly RenderedFile[];
  /** Files that keep what is in them, unless it is nothing. */
  preserve: ReadonlySet<AgentFileName>;
  /** Also deletes files that have no template. */
  removeStale: boolean;
};

/** The first conversation is told last: an agent that finds it should find everything else. */
const inOrder: readonly AgentFileName[] = [...agentFileNames.filter((name) => name !== "BOOTSTRAP.md"), "BOOTSTRAP.md"];

/** Brings the files of an agent to what was rendered. Files that are right already are not written. */
export async function syncFiles(
  controlPlane: GatewayControlPlane,
  { agentId, files, preserve, removeStale }: SyncPlan,
  { signal, onFile }: CallOptions & { onFile(file: SyncedFile): void },
): Promise<SyncedFile[]> {
  const listed = new Map((await controlPlane.listAgentFiles(agentId, { signal })).map((file) => [file.name, file]));
  const rendered = new Map(files.map(({ name, content }) => [name, content]));
  const done: SyncedFile[] = [];
  for (const name of inOrder) {
    const outcome = await sync(name, rendered.get(name), listed.get(name));
    if (outcome === undefined) continue;
    done.push({ name, outcome });
    onFile({ name, outcome });
  }
  return done;

  async function sync(
    name: AgentFileName,
    content: string | undefined,
    present: AgentFile | undefined,
  ): Promise<FileOutcome | undefined> {
    const isThere = present !== undefined && !present.missing;
    const isKept = isThere && preserve.has(name) && present.size !== 0;
    if (content === undefined) {
      if (!removeStale || !isThere || isKept) return undefined;
      return (await controlPlane.deleteAgentFile(agentId, name, { signal })) === "unsupported"
        ? "unsupported"
        : "deleted";
    }
    if (isKept) return "preserved";
    if (isThere && (await isEqual(name, content, present.size))) return "unchanged";
    return (await controlPlane.setAgentFile(agentId, name, content, { signal })) ? "written" : "unsupported";
  }

  async function isEqual(name: AgentFileName, content: string, size: number | undefined): Promise<boolean> {
    // Another size is another text; only the same size is worth reading.
    if (size !== undefined && size !== Buffer.byteLength(content)) return false;
    return (await controlPlane.getAgentFile(agentId, name, { signal })) === content;
  }
}
