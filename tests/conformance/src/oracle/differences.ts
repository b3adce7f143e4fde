/**
 * Where what we send or take differs from the official schema, and why. `about` and `complaint` are as the tests report
 * them; an entry that explains nothing any more fails.
 */
export type SchemaDifference = { about: RegExp; complaint: RegExp; reason: string };

export const differences: readonly SchemaDifference[] = [
  {
    about: /^result of connect$/,
    complaint: /^\/server additionalProperties host$/,
    reason: "Protocol 3 tells the host's name; one hello serves both protocols and clients read what they know.",
  },
  {
    about: /^result of connect$/,
    complaint: /^\/auth additionalProperties method$/,
    reason: "Recorded gateways of the release after this schema tell it.",
  },
  {
    about: /^(result of connect|event health)$/,
    complaint: /additionalProperties parts$/,
    reason: "What each part of the gateway is doing; an addition of ours.",
  },
  {
    about: /^(result of connect|event health)$/,
    complaint: /additionalProperties configuration$/,
    reason: "What of the configuration file does not count yet, and why; an addition of ours.",
  },
  {
    about: /^result of agents\.files\.(get|set)$/,
    complaint: /^\/file additionalProperties hash$/,
    reason: "Lets a client notice that somebody else has written the file; an addition of ours.",
  },
  {
    about: /^result of audit\.list$/,
    complaint: /^\/events\/\*/,
    reason:
      "The official audit records model and tool runs; ours records who changed what. Rows of one do not fit the other.",
  },
  {
    about: /^result of system\.info$/,
    complaint: /^\/ additionalProperties processMemory$/,
    reason: "The memory of the gateway's own process; an addition of ours.",
  },
  {
    about: /^event agent$/,
    complaint: /^\/ additionalProperties (sessionKey|sessionId|agentId)$/,
    reason: "Recorded gateways of both protocols send them and clients route by them; the schema leaves them out.",
  },
  {
    about: /^params of audit\.list$/,
    complaint: /^\/(kind|cursor) /,
    reason: "As its result: the filters of another audit.",
  },
  {
    about: /^params of exec\.approvals\.set$/,
    complaint: /^\/file\/defaults\/(security|ask|askFallback) invalid_value$/,
    reason: "Words that mean nothing are refused rather than stored where they would silently count as something else.",
  },
  {
    about: /^params of exec\.approval\.request$/,
    complaint: /^\/command invalid_type$/,
    reason: "A request without its command has nothing that a person could approve.",
  },
  {
    about: /^params of agent$/,
    complaint: /^\/attachments\/0 invalid_type$/,
    reason: "The official schema takes anything for an attachment; ours names the field that is wrong.",
  },
  {
    about: /^params of send$/,
    complaint: /^\/message invalid_type$/,
    reason: "A message without text is media alone, which nothing here can take.",
  },
];
