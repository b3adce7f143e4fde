/** What it takes until a changed key counts. */
export type ReloadKind =
  /** Read where it is used; there is nothing to do. */
  | "none"
  /** A part of the gateway is told. */
  | "hot"
  /** Counts with the next start. */
  | "restart";

export type ReloadKey = {
  /** The key and everything below it, unless a longer one is listed too. */
  key: string;
  kind: ReloadKind;
  /** What happens, for people. */
  effect: string;
};

/** Every key of the configuration, and how a change of it comes into force. The one list: plan and documentation read it. */
export const reloadKeys: readonly ReloadKey[] = [
  { key: "$schema", kind: "none", effect: "for editors" },
  { key: "agents", kind: "none", effect: "the next turn; turns that run end as they began" },
  { key: "gateway.auth", kind: "hot", effect: "whom it no longer lets in is disconnected within a second" },
  { key: "gateway.bind", kind: "restart", effect: "the address the port is opened on" },
  { key: "gateway.controlUi.allowInsecureAuth", kind: "hot", effect: "pages that are open too" },
  { key: "gateway.controlUi.allowedOrigins", kind: "hot", effect: "pages that are open too" },
  { key: "gateway.controlUi.basePath", kind: "restart", effect: "where the port serves the dashboard" },
  { key: "gateway.controlUi.enabled", kind: "restart", effect: "whether the port serves the dashboard" },
  { key: "gateway.customBindHost", kind: "restart", effect: "the address the port is opened on" },
  { key: "gateway.handshakeTimeoutMs", kind: "hot", effect: "the next connection" },
  { key: "gateway.http.endpoints", kind: "none", effect: "the next request" },
  { key: "gateway.http.securityHeaders", kind: "hot", effect: "the next answer" },
  { key: "gateway.metrics", kind: "none", effect: "the next request" },
  { key: "gateway.mode", kind: "none", effect: "read by the commands of this machine" },
  { key: "gateway.port", kind: "restart", effect: "the port" },
  { key: "gateway.reload", kind: "hot", effect: "the next change of the file" },
  { key: "gateway.remote", kind: "none", effect: "read by the commands of this machine" },
  { key: "gateway.tickIntervalMs", kind: "restart", effect: "clients were told it when they connected" },
  {
    key: "gateway.tls",
    kind: "restart",
    effect: "how the port is opened; the files of a certificate are read again when they change",
  },
  { key: "gateway.tools", kind: "none", effect: "the next request to call a tool" },
  {
    key: "gateway.trustedProxies",
    kind: "hot",
    effect: "whom it no longer lets in is disconnected within a second",
  },
  { key: "logging.file", kind: "restart", effect: "the file that is open" },
  { key: "logging.level", kind: "hot", effect: "the next line" },
  { key: "meta", kind: "none", effect: "notes of whoever wrote the file last" },
  { key: "models", kind: "none", effect: "the next call of a model" },
  { key: "secrets", kind: "none", effect: "references are read again with every change, and by `secrets.reload`" },
  { key: "session", kind: "none", effect: "the next message" },
  { key: "tools", kind: "none", effect: "the next command or call; the tools of a turn are chosen when it starts" },
];

/** How a changed key comes into force. Keys that this version does not know are kept and read by nobody. */
export function reloadKindOf(path: string): ReloadKind {
  const fitting = reloadKeys.filter(
    ({ key }) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
  );
  const nearest = fitting.toSorted((a, b) => b.key.length - a.key.length)[0];
  if (nearest) return nearest.kind;
  // A whole branch that came or went is as strict as what it may hold.
  const below = reloadKeys.filter(({ key }) => key.startsWith(`${path}.`)).map(({ kind }) => kind);
  return below.includes("restart") ? "restart" : below.includes("hot") ? "hot" : "none";
}
