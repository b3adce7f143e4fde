import { join } from "node:path";
import type { AgentFileName } from "@openclaw-gateway/protocol";
import { errorCode } from "../../platform/error-code.ts";
import { createPrivateFile } from "../../platform/private-file.ts";

/** What a new workspace begins with. Values that nobody gave yet are left empty: they must not read as given. */
const templates: Partial<Record<AgentFileName, string>> = {
  "AGENTS.md": `# How to work here

- This folder is your home. Read the notes in it before you act, and keep them true.
- What should outlast a conversation belongs in MEMORY.md: decisions, preferences, open ends.
- Ask before you do something outside this folder that cannot be undone.
- Private things stay private, above all where several people listen.
`,
  "SOUL.md": `# Who you are

Be helpful rather than polite about being helpful. Say what you think and why, admit what you do not know, and keep it
short. You are a guest in somebody's life: treat what you see with care.
`,
  "TOOLS.md": `# Notes on tools

What is particular to this place: names of machines, addresses, voices, habits of the tools you use.
`,
  "IDENTITY.md": `# Identity

- Name:
- Emoji:
- Avatar:
`,
  "USER.md": `# The person you help

- Name:
- Time zone:
- Notes:
`,
  "HEARTBEAT.md": `# Heartbeat

<!-- Tasks to look after from time to time, one a line. Nothing here: nothing to do. -->
`,
  "BOOTSTRAP.md": `# First conversation

Find out together what you are called, how you should sound and whom you help. Write it to IDENTITY.md, SOUL.md and
USER.md, then empty this file.
`,
};

/** Writes the notes that are missing. One that is there stays as it is, whatever is in it. */
export async function fillWorkspace(workspace: string): Promise<void> {
  for (const [name, text] of Object.entries(templates)) {
    await createPrivateFile(join(workspace, name), text).catch((error: unknown) => {
      if (errorCode(error) !== "EEXIST") throw error;
    });
  }
}
