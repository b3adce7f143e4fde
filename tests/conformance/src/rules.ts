/** What holds on the wire for every client. Tests prove them by id; one test fails on a rule that nobody proves. */
type Rule = {
  id: string;
  /** Where it was seen or decided. */
  source: string;
  behaviour: string;
  /** All of them where omitted. */
  protocols?: readonly (1 | 3 | 4)[];
  links?: readonly ("socket" | "memory")[];
};

/** What is said of methods or events that protocol 1 has in a form of its own, or not at all. */
const sinceThree = [3, 4] as const;

export const rules = [
  {
    id: "R-CONN-1",
    source: "handshake-ok",
    behaviour: "The first message of a connection is connect.challenge with nonce and ts, without a number.",
  },
  {
    id: "R-CONN-2",
    source: "handshake-first-frame",
    behaviour: "Another request before connect is refused and closes with 1008 and the same text.",
  },
  {
    id: "R-CONN-3",
    source: "handshake-first-frame",
    behaviour: "A JSON message that is no request before connect closes with 1008 and no answer.",
  },
  {
    id: "R-CONN-4",
    source: "handshake-first-frame",
    behaviour: "A message that is no JSON before connect closes with 1000 and no answer.",
  },
  {
    id: "R-CONN-5",
    source: "handshake-protocol, raw-v5",
    behaviour: "A protocol range without 1, 3 and 4 is refused, saying what is served, and closes with 1002.",
  },
  {
    id: "R-CONN-6",
    source: "raw-range-3-5, handshake-protocol",
    behaviour: "The newest protocol of the client's range is spoken.",
  },
  {
    id: "R-CONN-7",
    source: "frames-after-connect",
    behaviour: "A second connect is refused and leaves the connection as it was.",
  },
  { id: "R-CONN-8", source: "decision", behaviour: "Unknown fields of connect are dropped at every level." },
  {
    id: "R-CONN-9",
    source: "decision",
    behaviour: "Every advertised method exists, and connect and hidden methods are not advertised.",
  },
  { id: "R-CONN-10", source: "decision", behaviour: "A message of more than 64 KiB before hello-ok closes with 1009." },
  {
    id: "R-AUTH-1",
    source: "handshake-auth-errors",
    behaviour: "A wrong token is refused with a hint and closes with 1008.",
  },
  {
    id: "R-AUTH-2",
    source: "handshake-auth-errors",
    behaviour: "Without any credential the answer is NOT_PAIRED, device identity required.",
  },
  {
    id: "R-AUTH-3",
    source: "scope-matrix, raw-first-frame-errors",
    behaviour:
      "A method beyond the requested scopes is refused, naming the scope: FORBIDDEN in 4, INVALID_REQUEST in 1 and 3.",
  },
  { id: "R-AUTH-4", source: "scope-matrix", behaviour: "A node may call none of the operators' methods." },
  {
    id: "R-FRAME-1",
    source: "frames-after-connect",
    behaviour: "What is no JSON is ignored after connect; the connection stays.",
  },
  {
    id: "R-FRAME-2",
    source: "frames-after-connect",
    behaviour: "A malformed frame is answered under its own id, or under `invalid`, saying what is wrong.",
  },
  {
    id: "R-FRAME-3",
    source: "frames-after-connect",
    behaviour: "A binary message that holds JSON counts like a text message.",
  },
  { id: "R-FRAME-4", source: "frames-after-connect", behaviour: "Two requests with one id are both answered." },
  {
    id: "R-FRAME-5",
    source: "frames-after-connect",
    behaviour: "Parameters left out or null count as an empty object.",
  },
  {
    id: "R-FRAME-6",
    source: "decision",
    behaviour: "An unknown method is answered `unknown method`, also when it is named like a member of every object.",
  },
  {
    id: "R-FRAME-7",
    source: "decision",
    behaviour: "Unknown parameters are refused by name in 3 and dropped in 1 and 4.",
  },
  {
    id: "R-FRAME-8",
    source: "decision",
    behaviour: "A message of more than 25 MiB closes its connection with 1009 and disturbs no other.",
    links: ["socket"],
  },
  {
    id: "R-EVT-1",
    source: "decision",
    behaviour: "The numbers of a connection's events have no gaps.",
    protocols: sinceThree,
  },
  {
    id: "R-EVT-2",
    source: "decision",
    behaviour: "Chat and agent events reach operators with read scope only; nodes and others get none.",
    protocols: sinceThree,
  },
  {
    id: "R-EVT-3",
    source: "wire 4",
    behaviour: "The chat state `status` is never sent in protocol 3.",
    protocols: sinceThree,
  },
  {
    id: "R-EVT-4",
    source: "chat-tool-verbose-*",
    behaviour: "Tool events reach the starter that declared tool-events and nobody else, without a number.",
    protocols: sinceThree,
  },
  {
    id: "R-EVT-5",
    source: "raw-subscription-scope",
    behaviour: "Session events reach those who subscribed.",
    protocols: [4],
  },
  {
    id: "R-EVT-6",
    source: "shutdown-sigterm",
    behaviour: "A stop is told by `shutdown`, then every connection closes with 1012.",
  },
  {
    id: "R-CHAT-1",
    source: "chat-plain, wire 4",
    behaviour: "chat.send is answered `started` under the idempotency key; deltas add up to the whole final text.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-2",
    source: "chat-idempotency",
    behaviour: "A repeated key is answered in_flight, later ok, on every connection, and asks the model once.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-3",
    source: "decision",
    behaviour: "Messages to a busy session wait their turn and are answered in order under their own run ids.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-4",
    source: "chat-abort, decision",
    behaviour: "An abort is told before it is answered, ends the run's lifecycle and keeps the text so far.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-5",
    source: "decision",
    behaviour: "A failing provider ends the run once, as chat state `error` with a message.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-6",
    source: "chat-two-sessions",
    behaviour: "Different sessions run at the same time.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-7",
    source: "chat-send-params",
    behaviour: "An unknown session has an empty history.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-8",
    source: "chat-abort",
    behaviour: "chat.abort of an unknown run aborts nothing; of a run of another session is refused.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-9",
    source: "chat-commands",
    behaviour: "A chat command is answered without a model by one final of seq 1 under the key as sent, and stored.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-10",
    source: "decision",
    behaviour: "A chat command that changes something needs the scope of the method that does the same.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-11",
    source: "decision",
    behaviour: "A message that interrupts stops the running turn with stop reason `interrupted` and is answered next.",
    protocols: sinceThree,
  },
  {
    id: "R-CHAT-12",
    source: "decision",
    behaviour: "Messages that wait to be collected are answered by one turn, and each run id ends.",
    protocols: sinceThree,
  },
  {
    id: "R-AGENT-1",
    source: "agent-run",
    behaviour: "agent is answered twice under one id: accepted, then the result.",
    protocols: sinceThree,
  },
  {
    id: "R-AGENT-2",
    source: "agent-run",
    behaviour: "agent.wait ends with the run, or with `timeout` after its time.",
    protocols: sinceThree,
  },
  {
    id: "R-AGENT-3",
    source: "decision",
    behaviour: "Runs of the agent method can be aborted like any other.",
    protocols: sinceThree,
  },
  {
    id: "R-SESS-1",
    source: "chat-main, alt-unknown-agent",
    behaviour: "Every spelling of a key means one session; events carry the canonical key.",
    protocols: sinceThree,
  },
  { id: "R-SESS-2", source: "m-sessions", behaviour: "The main session cannot be deleted.", protocols: sinceThree },
  {
    id: "R-SESS-3",
    source: "session-delete-running",
    behaviour: "Deleting a session stops its running turn.",
    protocols: sinceThree,
  },
  {
    id: "R-ONE-1",
    source: "examples/protocol-1.json",
    behaviour:
      "The answer to connect names protocolVersion, serverVersion and capabilities; a client may name itself freely.",
    protocols: [1],
  },
  {
    id: "R-ONE-2",
    source: "examples/protocol-1.json",
    behaviour:
      "chat.send is answered `accepted`, then the text comes as chat.delta, then a second answer holds the message.",
    protocols: [1],
  },
  {
    id: "R-ONE-3",
    source: "examples/protocol-1.json",
    behaviour: "agent is answered `accepted` and then with its text; a session may be named by its id or any new word.",
    protocols: [1],
  },
  {
    id: "R-ONE-4",
    source: "examples/protocol-1.json",
    behaviour:
      "A client that writes `request` frames gets `response` frames and hears `broadcast` frames with `data`; it needs no range and no name.",
    protocols: [1],
  },
  {
    id: "R-ONE-5",
    source: "decision",
    behaviour: "Such a client is refused in its own form, also with a range that does not hold 1.",
    protocols: [1],
  },
  {
    id: "R-ONE-6",
    source: "decision",
    behaviour: "Secret, role and scopes count as in every protocol.",
    protocols: [1],
  },
  {
    id: "R-ONE-7",
    source: "decision",
    behaviour:
      "A device may sign its names as it sends them, with the nonce of this connection in the place of the token.",
    protocols: [1],
  },
  {
    id: "R-ONE-8",
    source: "decision",
    behaviour: "An aborted run ends with what was written, a failed one with an error, under the id of its request.",
    protocols: [1],
  },
  {
    id: "R-DAEMON-1",
    source: "decision",
    behaviour: "A daemon serves only agents that the configuration grants to it; operators and nodes serve none.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-2",
    source: "decision",
    behaviour:
      "A turn goes to the daemon of its agent; its text, tools and usage come out and are stored as those of any agent.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-3",
    source: "decision",
    behaviour: "An agent without its daemon is offline and its turns end with an error; with it, it is online.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-4",
    source: "decision",
    behaviour: "A daemon that vanishes ends its turns with an error; when it is back, turns reach it again.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-5",
    source: "decision",
    behaviour: "The newest daemon of an agent gets the turns; the one before is told and finishes what it has.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-6",
    source: "decision",
    behaviour: "An abort is told to the daemon, keeps the text so far, and what comes late is answered `over`.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-7",
    source: "decision",
    behaviour:
      "Reports count in order: a repeated one changes nothing, one too early is refused, one of somebody else's run is `over`.",
    protocols: sinceThree,
  },
  {
    id: "R-DAEMON-8",
    source: "decision",
    behaviour: "Messages to a busy session wait for the daemon as for any agent, and other sessions do not.",
    protocols: sinceThree,
  },
] as const satisfies readonly Rule[];

export type RuleId = (typeof rules)[number]["id"];

export function ruleOf(id: RuleId): Rule {
  return rules.find((rule) => rule.id === id)!;
}
