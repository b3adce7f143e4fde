import { z } from "zod";
import type { MethodGroup } from "../define.ts";

/** `model.primary` is `provider/model`; the official UI refuses to send without it. */
export const AgentSummary = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  identity: z
    .looseObject({
      name: z.string().optional(),
      theme: z.string().optional(),
      emoji: z.string().optional(),
      avatar: z.string().optional(),
    })
    .optional(),
  workspace: z.string().optional(),
  model: z.looseObject({ primary: z.string(), fallbacks: z.array(z.string()).optional() }).optional(),
  /** Of an agent that a daemon runs; `status` says whether it is connected. */
  runtime: z.looseObject({ type: z.string() }).optional(),
  status: z.enum(["online", "offline"]).optional(),
});
export type AgentSummary = z.output<typeof AgentSummary>;

/** Files of a workspace that clients may read and write, in the order they are listed. */
export const agentFileNames = [
  "AGENTS.md",
  "SOUL.md",
  "TOOLS.md",
  "IDENTITY.md",
  "USER.md",
  "HEARTBEAT.md",
  "BOOTSTRAP.md",
  "MEMORY.md",
] as const;
export type AgentFileName = (typeof agentFileNames)[number];

/** `size` in bytes; it and what follows are absent of a file that is missing. */
export const AgentFile = z.looseObject({
  name: z.string(),
  path: z.string(),
  missing: z.boolean(),
  size: z.int().optional(),
  updatedAtMs: z.int().optional(),
  /** Nobody expects the file before an agent has written it. */
  expectedAbsent: z.boolean().optional(),
});
export type AgentFile = z.output<typeof AgentFile>;

/** `hash` is the SHA-256 of the file, lower-case hex. */
export const AgentFileContent = z.looseObject({
  ...AgentFile.shape,
  hash: z.string().optional(),
  content: z.string().optional(),
});
export type AgentFileContent = z.output<typeof AgentFileContent>;

const id = z.string().min(1);

export const agentsMethods = {
  "agents.list": {
    description: "The configured agents and which one is the default.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({}),
    result: z.looseObject({
      defaultId: z.string(),
      mainKey: z.string(),
      scope: z.string(),
      agents: z.array(AgentSummary),
    }),
  },
  "agent.identity.get": {
    description: "How an agent presents itself: name, avatar, emoji. Unknown agents have the default one.",
    since: 1,
    role: "operator",
    scope: "operator.read",
    params: z.strictObject({ agentId: id.optional(), sessionKey: z.string().optional() }),
    result: z.looseObject({
      agentId: z.string(),
      name: z.string(),
      avatar: z.string(),
      emoji: z.string().optional(),
      /** `default` when nobody gave the agent a name. */
      nameSource: z.string().optional(),
    }),
  },
  "agents.create": {
    description:
      "Adds an agent to the configuration, with notes to begin with in its workspace. Its id is made from the name.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({
      name: id,
      /** A folder of its own in the state folder when absent. */
      workspace: id.optional(),
      model: z.string().optional(),
      emoji: z.string().optional(),
      avatar: z.string().optional(),
    }),
    result: z.looseObject({
      ok: z.literal(true),
      agentId: z.string(),
      name: z.string(),
      workspace: z.string(),
      model: z.string().optional(),
    }),
  },
  "agents.update": {
    description: "Changes an agent in the configuration; what is absent stays.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({
      agentId: id,
      name: id.optional(),
      workspace: id.optional(),
      model: id.optional(),
      emoji: z.string().optional(),
      avatar: z.string().optional(),
    }),
    aliases: { id: "agentId" },
    result: z.looseObject({ ok: z.literal(true), agentId: z.string() }),
  },
  "agents.delete": {
    description: "Takes an agent out of the configuration; its workspace goes to the trash of the state folder.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ agentId: id, deleteFiles: z.boolean().default(true) }),
    aliases: { id: "agentId" },
    result: z.looseObject({ ok: z.literal(true), agentId: z.string(), removedBindings: z.int() }),
  },
  "agents.files.list": {
    description: "The notes in an agent's workspace, those that are missing too.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ agentId: id }),
    aliases: { id: "agentId" },
    result: z.looseObject({ agentId: z.string(), workspace: z.string(), files: z.array(AgentFile) }),
  },
  "agents.files.get": {
    description: "One note of an agent's workspace; `missing` instead of an error when it is not there.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ agentId: id, name: id }),
    aliases: { id: "agentId", filename: "name" },
    result: z.looseObject({ agentId: z.string(), workspace: z.string(), file: AgentFileContent }),
  },
  "agents.files.set": {
    description: "Writes one note of an agent's workspace, whole or not at all.",
    since: 1,
    role: "operator",
    scope: "operator.admin",
    params: z.strictObject({ agentId: id, name: id, content: z.string() }),
    aliases: { id: "agentId", filename: "name" },
    result: z.looseObject({
      ok: z.literal(true),
      agentId: z.string(),
      workspace: z.string(),
      file: AgentFileContent,
    }),
  },
} satisfies MethodGroup;
