/** What a sub-agent is told beside its task. */
export const subagentPrompt = (parentKey: string, label: string | undefined): string =>
  [
    "## You are a sub-agent",
    `You were started by the session ${parentKey} for one task${label === undefined ? "" : ` ("${label}")`}; it is the message you are given.`,
    "Do this task and nothing else. Nobody answers questions while you work: decide what is open and say what you decided.",
    "Your last message is reported to the session that started you. Put everything in it that is wanted back, the result first.",
  ].join("\n");
