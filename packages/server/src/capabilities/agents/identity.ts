import type { AgentDescription } from "../../runtime/agent-runtime.ts";

/** What `IDENTITY.md` says about its agent. */
export type WrittenIdentity = { name?: string; emoji?: string; avatar?: string };

const fields = { name: "Name", emoji: "Emoji", avatar: "Avatar" } as const;
type Field = keyof typeof fields;
const lineOf = (field: Field): RegExp =>
  new RegExp(`^[ \\t]*[-*][ \\t]*\\**${fields[field]}:?\\**:?[ \\t]*(.*)$`, "im");

/** Reads lines such as `- Name: Ada`, in bold or not. A value in brackets or underscores is a hint for the writer, not a value. */
export function parseIdentity(text: string): WrittenIdentity {
  const identity: WrittenIdentity = {};
  for (const field of Object.keys(fields) as Field[]) {
    const value = lineOf(field).exec(text)?.[1]?.trim() ?? "";
    if (value !== "" && !/^[_*(]/.test(value)) identity[field] = value;
  }
  return identity;
}

/** The text with these values in it: in the lines that are there, else in new ones at its end. */
export function writeIdentity(text: string, identity: WrittenIdentity): string {
  let written = text;
  for (const [field, label] of Object.entries(fields) as [Field, string][]) {
    const value = identity[field]?.replaceAll(/\s+/g, " ").trim();
    if (value === undefined || value === "") continue;
    const line = `- ${label}: ${value}`;
    written = lineOf(field).test(written)
      ? written.replace(lineOf(field), () => line)
      : `${written.replace(/\n*$/, written === "" ? "" : "\n")}${line}\n`;
  }
  return written;
}

/** The identity clients show: configuration first, then what the agent wrote about itself. */
export function presentIdentity(agentId: string, agent: AgentDescription | undefined, written: WrittenIdentity) {
  const configured = agent?.identity ?? {};
  const name = configured.name ?? written.name ?? agent?.name;
  const emoji = configured.emoji ?? written.emoji;
  return {
    agentId,
    name: name ?? "Assistant",
    nameSource: name === undefined ? "default" : "agent",
    avatar: configured.avatar ?? written.avatar ?? emoji ?? "A",
    ...(emoji !== undefined && { emoji }),
  };
}
