/** Channels that installations know by name; which of them work here is another question. */
const known: ReadonlySet<string> = new Set([
  "webchat",
  "telegram",
  "whatsapp",
  "discord",
  "irc",
  "googlechat",
  "slack",
  "signal",
  "imessage",
  "line",
  "matrix",
  "mattermost",
  "msteams",
  "nextcloud-talk",
  "nostr",
  "bluebubbles",
  "feishu",
  "synology-chat",
  "tlon",
  "twitch",
  "zalo",
  "zalouser",
]);

/** Whether a caller may name a channel; `last` is whichever a session used last. */
export const isChannelName = (name: string): boolean => name === "last" || known.has(name);
