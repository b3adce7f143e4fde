/** What the gateway must never let happen again: each a class of weakness that gateways of this kind have had. */
export type Requirement = {
  id: string;
  /** What holds, in a sentence a user understands. */
  holds: string;
  /** The part of the project it waits for; it has no test until then. */
  waitsFor?: string;
};

export const requirements: readonly Requirement[] = [
  {
    id: "T-A1",
    holds:
      "No part of an address chooses the gateway a page connects to, and a credential goes only to the origin it was stored for.",
  },
  {
    id: "T-A2",
    holds:
      "A page of another origin gets no socket, whatever client it claims to be and however the origin or host is spelled.",
  },
  {
    id: "T-A3",
    holds:
      "Guessing from a browser on this machine is locked out like any other, and a browser is never paired without the secret.",
  },
  { id: "T-A4", holds: "A form or script of another site changes nothing over HTTP." },
  {
    id: "T-A5",
    holds: "A token in an address is accepted for the WebSocket upgrade alone, and is in no log and no referrer.",
  },
  { id: "T-A6", holds: "No text of a message, title, name or log line runs or loads anything in the dashboard." },
  { id: "T-A7", holds: "The dashboard cannot be framed, and every page forbids scripts that are not its own." },
  { id: "T-B1", holds: "Nothing but the handshake works before authentication, on loopback too." },
  { id: "T-B2", holds: "A wrong secret is refused whether or not a device is named." },
  {
    id: "T-B3",
    holds: "A connection has the scopes it asked for and was granted, never more; no client id widens them.",
  },
  {
    id: "T-B4",
    holds: "A device that asks for more than it was approved for keeps what it had until somebody approves.",
  },
  { id: "T-B5", holds: "Who is local is read off the socket; forwarding headers of strangers make a request remote." },
  { id: "T-B6", holds: "Identity headers count only from a proxy that proved itself, and are stripped otherwise." },
  { id: "T-B7", holds: "Over plain HTTP from another machine nobody becomes an administrator's device." },
  { id: "T-C1", holds: "No sequence of pairing, approving and rotating yields more rights than the caller has." },
  {
    id: "T-C2",
    holds:
      "One-time codes work once, for the device and rights they were made for, for a short time; a revoked device stays revoked.",
  },
  {
    id: "T-C3",
    holds: "What is revoked, rotated or reconfigured stops working within a second, on open connections too.",
  },
  { id: "T-C4", holds: "Keys are derived per purpose; the gateway's token is never used as one." },
  { id: "T-D1", holds: "Every entrance decides the same for the same caller; what has no rule is refused." },
  { id: "T-D2", holds: "The tools offered to a model are those that the cause of the turn may use." },
  {
    id: "T-D3",
    holds: "A call caused by an agent never changes approvals, sandbox, authentication, allow-lists or plugins.",
  },
  {
    id: "T-E1",
    holds: "The command that runs is the command that was approved: arguments, folder, environment, host and program.",
  },
  { id: "T-E2", holds: "Fields of the gateway's own are dropped from what callers send." },
  {
    id: "T-E3",
    holds:
      "A node tells only of calls that this gateway gave to it. It gives none before it has a registry of nodes, so nothing is taken from them.",
  },
  { id: "T-E4", holds: "Whoever approves sees the whole command, with invisible characters made visible." },
  {
    id: "T-E5",
    holds: "Only a command that is plain words is matched with the allow-list; everything else is asked about.",
  },
  { id: "T-E6", holds: "A command gets the environment variables of a list and no others." },
  {
    id: "T-E7",
    holds: "Programs get lists of arguments, and mounts are judged after links are resolved.",
    waitsFor: "sandboxes",
  },
  { id: "T-E8", holds: "Every further port asks for a credential.", waitsFor: "browser control" },
  { id: "T-F1", holds: "Identifiers are never paths, and no spelling of a path leaves its folder." },
  {
    id: "T-F2",
    holds: "Nothing in a workspace changes the gateway's environment, programs, addresses or credentials.",
  },
  {
    id: "T-F3",
    holds: "Files that the gateway writes are for their owner alone, after a restore and under any umask too.",
  },
  {
    id: "T-F4",
    holds:
      "A hook reaches the agents it is allowed, and a template does not choose the session. There are no hooks yet: their addresses run nothing.",
  },
  {
    id: "T-F5",
    holds:
      "What the network announces is a hint: a changed certificate is never trusted by itself, and gets no credential.",
  },
  {
    id: "T-F6",
    holds: "What a model or a user names is fetched from the public internet only, by the address that was checked.",
  },
  {
    id: "T-F7",
    holds: "A credential of the gateway is never attached because an address looks right.",
    waitsFor: "fetching tools",
  },
  { id: "T-F8", holds: "The state of a login is not its verifier.", waitsFor: "logins at providers" },
  { id: "T-G1", holds: "Ten thousand connections that never authenticate change nothing for those that did." },
  { id: "T-G2", holds: "Every body, frame and nesting has a limit that holds before it is buffered." },
  { id: "T-G3", holds: "Every check of a credential is limited first, by canonical address and kind of credential." },
  { id: "T-H1", holds: "Allow-lists of people match identifiers that cannot be changed.", waitsFor: "channels" },
  {
    id: "T-H2",
    holds: "Messages, buttons and commands of a channel pass one policy, and a missing field refuses.",
    waitsFor: "channels",
  },
  { id: "T-H3", holds: "A tool acts for its own session and agent; every session it names is checked." },
  {
    id: "T-H4",
    holds: "A document that gives orders gets no file, secret, approval or address.",
    waitsFor: "the agent's further tools",
  },
  {
    id: "T-I1",
    holds:
      "Only administrators install; what is installed is pinned and checked, and nothing loads from the working folder.",
  },
];
