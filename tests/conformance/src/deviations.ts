import { isDeclared } from "./declared.ts";
import type { Mismatch } from "./replay.ts";

/**
 * A difference from the recorded gateways that is known. Every mismatch of a replay must be covered by one; one that
 * covers nothing any more must go. `docs/compatibility.md` is made from this list.
 */
export type Deviation = {
  id: string;
  /** `decided`: ours is meant to stay. `later`: a part of the project that is not built yet. `circumstance`: the recording's surroundings, not behaviour. */
  kind: "decided" | "later" | "circumstance";
  recorded: string;
  ours: string;
  reason: string;
  covers: (mismatch: Mismatch) => boolean;
};

type Filter = {
  protocol?: 3 | 4;
  transcripts?: readonly string[];
  kinds?: readonly Mismatch["kind"][];
  about?: RegExp;
  path?: RegExp;
  expected?: RegExp;
  actual?: RegExp;
  conns?: readonly string[];
};

/** Whether a mismatch is what any of the filters describes; a filter that says nothing about a property allows all. */
const any =
  (...filters: readonly Filter[]) =>
  (mismatch: Mismatch): boolean =>
    filters.some(
      ({ protocol, transcripts, kinds, about, path, expected, actual, conns }) =>
        (protocol === undefined || mismatch.protocol === protocol) &&
        (transcripts === undefined || transcripts.includes(mismatch.transcript)) &&
        (kinds === undefined || kinds.includes(mismatch.kind)) &&
        (about === undefined || about.test(mismatch.about)) &&
        (path === undefined || path.test(mismatch.path)) &&
        (expected === undefined || expected.test(mismatch.expected)) &&
        (actual === undefined || actual.test(mismatch.actual)) &&
        (conns === undefined || conns.includes(mismatch.conn)),
    );

const failing = ["chat-error-401", "chat-error-429", "chat-error-500", "chat-upstream-down"];

const decided: readonly Omit<Deviation, "kind">[] = [
  {
    id: "changes-without-restart",
    recorded: "Every write of the configuration file, by agents.create too, restarts the gateway and cuts all sockets.",
    ours: "Agents are created, changed and deleted while everything runs.",
    reason: "Nobody's turn ends because somebody else adds an agent.",
    covers: any(
      { transcripts: ["m-agents-crud"], about: /^close/, expected: /1012/, actual: /still open/ },
      { transcripts: ["m-agents-crud"], about: /^event shutdown/, kinds: ["missing-event"] },
    ),
  },
  {
    id: "unknown-configuration-keys",
    recorded: "A key that the schema does not know makes a configuration invalid.",
    ours: "It is kept and reported. A write that would take more than half of the file away is refused unless it says `allowShrink`.",
    reason: "A file of a newer or another gateway must work; a mistake must not wipe it.",
    covers: any(
      { about: /^answer to config\.(set|patch|apply)/, expected: /Unrecognized key/ },
      {
        about: /^answer to config\.(set|apply)/,
        path: /^error\.message$/,
        expected: /invalid config/,
        actual: /more than half of the configuration|changed since last load/,
      },
    ),
  },
  {
    id: "workspace-optional",
    recorded: "agents.create of protocol 3 demands a workspace.",
    ours: "Without one the agent gets a folder in the state folder, as in protocol 4.",
    reason: "One method for both protocols.",
    covers: any({
      transcripts: ["m-agents-crud"],
      about: /^answer to agents\.create/,
      path: /^error\.message$/,
      expected: /required property 'workspace'/,
    }),
  },
  {
    id: "protocol-4-served",
    recorded: "A client of protocol 4 is refused by the gateway of protocol 3, and the reverse.",
    ours: "Both protocols are served; a range is refused only when it holds neither.",
    reason: "Clients of both kinds connect unmodified.",
    covers: any(
      { transcripts: ["handshake-protocol", "raw-v3-operator"], about: /^answer to connect/, path: /^ok$/ },
      { transcripts: ["handshake-protocol"], path: /protocol|expectedProtocol/ },
      { transcripts: ["raw-v3-node"], about: /^answer to connect/, path: /protocol$/ },
    ),
  },
  {
    id: "unknown-connect-fields",
    recorded: "Unknown fields of connect are refused by name.",
    ours: "They are dropped at every level.",
    reason: "Today's clients send optional fields of newer releases.",
    covers: any({ about: /^answer to connect/, path: /^ok$/, expected: /unexpected property/ }),
  },
  {
    id: "unknown-params-of-4",
    recorded: "Unknown parameters are refused in protocol 4 too.",
    ours: "Protocol 4 drops them; protocol 3 refuses them as recorded.",
    reason: "Clients of protocol 4 send many optional fields, and none relies on the refusal.",
    covers: any({
      protocol: 4,
      kinds: ["value"],
      path: /^ok$/,
      expected: /invalid [\w.]+ params: at root: unexpected property/,
    }),
  },
  {
    id: "safe-exec-default",
    recorded: "Protocol 4's gateway lets agents run every command when nothing is configured (`full`, ask `off`).",
    ours: "What is not on the allow-list asks a person; nobody answering is a no (`allowlist`, `on-miss`).",
    reason: "A gateway that nobody configured must not run whatever a model was talked into.",
    covers: any({
      protocol: 4,
      about: /^answer to exec\.approvals\.(get|set)/,
      path: /resolvedDefaults\.(security|ask)$/,
    }),
  },
  {
    id: "approved-command-goes-on",
    recorded:
      "What became of a command that was approved or denied waits as a system event for the session's next turn.",
    ours: "It comes to the session as a message of its own, and the agent goes on with it.",
    reason: "Who approved a command waits for what it was approved for.",
    covers: any({
      transcripts: ["exec-approval-agent"],
      about: /^answer to chat\.history/,
      kinds: ["length"],
      path: /messages$/,
    }),
  },
  {
    id: "payload-limit",
    recorded: "A message of more than 512 KiB closes the connection.",
    ours: "The limit is 25 MiB after hello-ok and 64 KiB before; hello-ok says so.",
    reason: "Attachments; the policy is announced.",
    covers: any(
      { transcripts: ["frames-after-connect"], about: /^close/, expected: /1009/ },
      { transcripts: ["frames-after-connect"], kinds: ["extra-answer"], about: /models\.list/ },
    ),
  },
  {
    id: "method-names",
    recorded: "A method named like a member of every object (`toString`) is never answered.",
    ours: "unknown method.",
    reason: "A request without an answer hangs its caller.",
    covers: any({ kinds: ["extra-answer"], about: /toString|constructor/ }),
  },
  {
    id: "origin-before-upgrade",
    recorded: "A foreign Origin is let in and refused in answer to connect, for browser clients only.",
    ours: "The upgrade is refused with 403 for every foreign Origin.",
    reason: "A page of another site gets no socket at all, whatever client it claims to be.",
    covers: any({ about: /^open/, actual: /403/ }),
  },
  {
    id: "audience",
    recorded: "Chat, agent and health events reach every connection, nodes and operators without scopes too.",
    ours: "Events go only to those whose role and scopes allow them.",
    reason: "Chat text is private to operators who may read.",
    covers: any(
      {
        protocol: 3,
        transcripts: ["event-guards"],
        kinds: ["missing-event"],
        conns: ["approvals", "pairing", "bogus", "node"],
      },
      {
        protocol: 3,
        transcripts: ["shutdown-sigterm"],
        kinds: ["missing-event"],
        conns: ["node"],
        about: /agent|chat|health/,
      },
      { protocol: 3, transcripts: ["presence"], kinds: ["missing-event"], conns: ["n"], about: /health/ },
      { transcripts: ["m-exec-approvals"], kinds: ["missing-event"], conns: ["b"], about: /health|presence/ },
      { protocol: 3, transcripts: ["handshake-params"], kinds: ["missing-event"], about: /health/ },
      {
        protocol: 3,
        transcripts: ["node-pairing"],
        kinds: ["missing-event"],
        about: /health|presence/,
        conns: ["pairing"],
      },
    ),
  },
  {
    id: "provider-failure",
    recorded:
      "A failing provider ends as lifecycle `end` and an empty chat `final`; later attempts run on under the same id for twenty seconds while the answers say in_flight or ok.",
    ours: "After its attempts the run ends once: lifecycle `error`, chat `error` with a message; answers say error.",
    reason: "A person must see that and why nothing came.",
    covers: any(
      {
        transcripts: failing,
        about: /^answer to (chat\.send|agent\.wait)$/,
        path: /status/,
        actual: /error|in_flight/,
      },
      { transcripts: failing, kinds: ["missing-event"], about: /chat\/final|lifecycle\/end/ },
      { transcripts: failing, about: /^answer to chat\.history/, path: /messages$/, kinds: ["length"] },
      { transcripts: ["agent-run"], about: /^answer to agent$/, path: /^ok$/, actual: /500 The stub upstream/ },
      { transcripts: ["agent-run"], about: /^answer to agent\.wait$/, path: /status/, actual: /error/ },
      { transcripts: ["agent-run"], kinds: ["missing-event"], about: /chat\/final|lifecycle\/end/ },
    ),
  },
  {
    id: "final-is-whole",
    recorded: "In protocol 3 the final text holds only what came after the last tool call, and texts are trimmed.",
    ours: "The final text is everything the run said, as protocol 4 has it; nothing is trimmed.",
    reason: "What streamed must not vanish at the end.",
    covers: any(
      { about: /^event chat\/final/, path: /content\[\]\.text/, actual: /Let me look\. \\n\\n/ },
      { about: /^event (agent\/assistant|chat\/delta)/, path: /text|delta/, expected: /^"Let me look\."$/ },
    ),
  },
  {
    id: "abort-keeps-text",
    recorded: "An aborted run leaves no trace of its answer, no lifecycle end, and agent.wait on it times out.",
    ours: "The text so far is kept with stop reason `aborted`, lifecycle `end` is sent, agent.wait answers.",
    reason: "A client must learn that the run is over, and the person keeps what was written.",
    covers: any(
      {
        protocol: 4,
        transcripts: ["uix-stop"],
        about:
          /^(event agent\/lifecycle\/error|event sessions\.changed\/error|order of run|event session\.message\/assistant)/,
      },
      {
        transcripts: ["chat-abort", "chat-abort-later-turn"],
        about: /^answer to chat\.history/,
        path: /messages$/,
        kinds: ["length"],
      },
      { transcripts: ["chat-abort"], about: /^answer to agent\.wait/, path: /status/, expected: /timeout/ },
      { transcripts: ["chat-abort-later-turn"], path: /abortedLastRun/ },
    ),
  },
  {
    id: "abort-by-any-spelling",
    recorded: "chat.abort knows a run only by the spelling of the key it was started with.",
    ours: "Every spelling of the session's key aborts it.",
    reason: "One session has one canonical key.",
    covers: any({ transcripts: ["chat-abort"], about: /^answer to chat\.abort/, path: /^ok$|aborted|runIds/ }),
  },
  {
    id: "agent-runs-abortable",
    recorded: "Runs of the agent method cannot be aborted by chat.abort or /stop; only deleting the session ends them.",
    ours: "Every run can be aborted; it ends as aborted, its result says `aborted`.",
    reason: "A run that cannot be stopped costs money.",
    covers: any(
      { transcripts: ["chat-abort-later-turn"], about: /^answer to chat\.(abort|send)/, path: /aborted$|runIds/ },
      { transcripts: ["chat-abort-later-turn"], kinds: ["missing-event"], about: /chat\/final/ },
      {
        transcripts: ["chat-abort-later-turn", "agent-run"],
        about: /^answer to agent$/,
        path: /summary/,
        actual: /aborted/,
      },
    ),
  },
  {
    id: "queued-runs-keep-their-id",
    recorded: "A message sent to a busy session is told final at once and runs later under a new run id.",
    ours: "It waits and runs under its own id.",
    reason: "A caller can follow what it sent.",
    covers: any({ transcripts: ["chat-queue"], about: /^answer to agent\.wait/, path: /status/, expected: /timeout/ }),
  },
  {
    id: "canonical-keys",
    recorded:
      "Some events carry the session key as it was sent (agent method, queued and injected messages, commands).",
    ours: "They carry the canonical key, but for chat `aborted`, which clients compare with what they sent.",
    reason: "A watcher of a session needs one name for it.",
    covers: any({
      about: /^event (agent|chat)\//,
      path: /payload\.sessionKey/,
      kinds: ["value"],
      actual: /^"agent:main:/,
    }),
  },
  {
    id: "clean-texts",
    recorded: "Previews and titles of protocol 3 show the stored decoration of a message (date, message id).",
    ours: "They show what the person wrote.",
    reason: "The decoration is meant for the model.",
    covers: any({
      about: /^answer to sessions\.(preview|list)/,
      path: /text|derivedTitle/,
      expected: /message_id|UTC\]/,
    }),
  },
  {
    id: "internals-left-out",
    recorded:
      "Answers of protocol 3 carry internals of the recorded product: prompt reports, skill snapshots, transcript file names.",
    ours: "Left out.",
    reason: "No client reads them, and they describe another program.",
    covers: any(
      {
        kinds: ["missing-field"],
        path: /systemPromptReport|skillsSnapshot|sessionFile|entry\.contextTokens/,
      },
      { kinds: ["missing-field"], about: /^answer to status/, path: /\.age$/ },
    ),
  },
  {
    id: "redaction",
    recorded:
      "Redaction hits every key that looks like a secret, `maxTokens` among them, and leaves values of `env` in clear.",
    ours: "Secrets are redacted, numbers are not, values of `env` are.",
    reason: "A redacted configuration can be sent back; environment values are often keys.",
    covers: any({ about: /^answer to config\.get/, path: /maxTokens|\.env\./ }),
  },
  {
    id: "status-phases",
    recorded: "Protocol 4 tells `preparing_workspace` first, and repeats every phase as agent stream `run_status`.",
    ours: "The phases that exist here, as chat `status` only.",
    reason: "No client reads the repetition.",
    covers: any(
      { protocol: 4, about: /^event chat\/status/, path: /phase/ },
      { protocol: 4, kinds: ["missing-event"], about: /agent\/run_status/ },
    ),
  },
  {
    id: "agent-details-of-4",
    recorded: "Protocol 4 sends lifecycle `finishing`, agent streams `usage`, `item` and `command_output`.",
    ours: "lifecycle start, model, end or error; assistant; tool; reasoning.",
    reason: "Clients show chat, tool and session events; these repeat them in parts.",
    covers: any(
      { protocol: 4, kinds: ["missing-event"], about: /agent\/(usage|item|command_output|lifecycle\/finishing)/ },
      { protocol: 4, kinds: ["length"], about: /^event session\.message\/assistant/, path: /content$/ },
    ),
  },
  {
    id: "session-changes-of-4",
    recorded: "sessions.changed tells many steps of a run: participants, run started, phases start, model, end.",
    ours: "One for each change of a row that a list shows.",
    reason: "Clients reload or apply the row, whatever the reason.",
    covers: any(
      {
        protocol: 4,
        kinds: ["missing-event"],
        about: /sessions\.changed\/(participants|agent\.run\.started|start|model|end|patch)/,
      },
      { protocol: 4, about: /^event sessions\.changed/, path: /session\.(lastMessagePreview|systemSent)/ },
    ),
  },
  {
    id: "fields-of-4",
    recorded:
      "Answers and events of the official gateway of protocol 4 carry many fields that this project does not declare.",
    ours: "The fields of the published schema that clients were shown to need.",
    reason: "Every official client was tried against answers trimmed to fewer fields than ours.",
    covers: (mismatch) => mismatch.protocol === 4 && mismatch.kind === "missing-field" && !isDeclared(mismatch),
  },
  {
    id: "capabilities",
    recorded: "hello-ok advertises many capabilities.",
    ours: "`published-model-catalog` alone.",
    reason: "Only what works is advertised; the official page calls what is advertised.",
    covers: any({ protocol: 4, path: /features\.capabilities/ }),
  },
  {
    id: "message-content",
    recorded: "A user's text message is a string in protocol 4.",
    ours: "A list with one text part, as in protocol 3.",
    reason: "The schema has both; one form serves both protocols.",
    covers: any({ protocol: 4, kinds: ["type"], path: /message\.content$|messages\[\]\.content$/, expected: /^"/ }),
  },
  {
    id: "tool-events-unnumbered",
    recorded: "Tool events of protocol 4 are numbered.",
    ours: "They are not, as in protocol 3.",
    reason: "They go to one connection; numbers are for what all may see.",
    covers: any({ protocol: 4, kinds: ["numbering"], about: /agent\/tool/, path: /seq/ }),
  },
  {
    id: "presence-on-connect",
    recorded:
      "Protocol 4 tells presence when a client connects; protocol 3 tells it when one of two connections of a device closes.",
    ours: "Presence is told when the list changed by a departure.",
    reason: "hello-ok brings the list, and a row that stays is no change.",
    covers: any(
      { protocol: 4, kinds: ["missing-event"], about: /^event presence/ },
      { transcripts: ["presence"], kinds: ["missing-event"], about: /^event presence/, conns: ["d"] },
    ),
  },
  {
    id: "default-tag",
    recorded: "models.list marks the default model with a tag.",
    ours: "Tags are kept for what a model is; agents.list names the default.",
    reason: "One place says it.",
    covers: any({ protocol: 4, about: /^answer to models\.list/, path: /tags/ }),
  },
  {
    id: "unknown-totals",
    recorded: "sessions.list of protocol 3 says zero tokens for a session that never had an answer.",
    ours: "It says nothing.",
    reason: "Unknown is not zero.",
    covers: any({ protocol: 3, kinds: ["missing-field"], about: /^answer to sessions\.list/, path: /totalTokens/ }),
  },
  {
    id: "features-by-role",
    recorded: "hello-ok lists the same methods and events for every role.",
    ours: "It lists what the role and scopes of the connection may use.",
    reason: "Only what works is advertised.",
    covers: any(
      { protocol: 4, path: /features\.events/, expected: /(exec\.approval|device\.pair|node\.pair)/ },
      {
        transcripts: [
          "raw-v3-node",
          "raw-first-frame-errors",
          "cli-devices-list",
          "cli-devices-approve",
          "cli-agent-json",
          "cli-agent-message",
          "cliv3-agent",
        ],
        path: /features\.(methods|events)/,
      },
    ),
  },
  {
    id: "empty-answer",
    recorded: "A model that answers nothing ends in an empty final.",
    ours: "It is asked again, then the run ends as chat `error`.",
    reason: "Providers answer nothing when they fail silently.",
    covers: any(
      { transcripts: ["chat-silent"], kinds: ["missing-event"], about: /chat\/final|lifecycle\/end/ },
      { transcripts: ["chat-silent"], about: /^answer to chat\.history/, path: /stopReason|messages$/ },
    ),
  },
  {
    id: "usage-details",
    recorded: "sessions.usage tells latencies, counts by tool name, channel and creator, read from the transcripts.",
    ours: "Tokens, costs and counts by day, agent, provider, model and session, from an account written with each run.",
    reason: "No transcript is read to tell what was used; what is not in the account is left out.",
    covers: any({
      about: /^answer to sessions\.usage$/,
      path: /[lL]atency$|byChannel$|byCreator$|tools\.tools$|sessions\[\]\.channel$/,
    }),
  },
  {
    id: "command-texts",
    recorded: "/status, /whoami and /queue tell of keys, allow lists and debouncing.",
    ours: "They tell what this gateway has: no keys, the caller's scopes, the four queue modes.",
    reason: "A text for people says what is so here.",
    covers: any({
      transcripts: ["chat-commands"],
      about: /^event chat\/final/,
      path: /content\[\]\.text/,
      expected: /OpenClaw 20|Identity|queue settings/,
    }),
  },
  {
    id: "nodes-without-device",
    recorded: "Protocol 4 demands a device identity of every node.",
    ours: "A node with the shared secret may come without one, as in protocol 3.",
    reason: "Nodes of protocol 3 do, and the gateway serves both.",
    covers: any({
      transcripts: ["raw-v3-node"],
      about: /^answer to connect/,
      path: /^ok$/,
      expected: /device identity required/,
    }),
  },
  {
    id: "upgrades-ask",
    recorded: "On this machine a paired device gets more scopes without a question.",
    ours: "More scopes than were approved make a request, on this machine too. A new device of this machine is paired silently, as recorded.",
    reason: "A reconnect must not turn a reader into an administrator.",
    covers: any({
      transcripts: ["handshake-device"],
      about: /^answer to connect/,
      path: /^ok$/,
      actual: /pairing required/,
    }),
  },
  {
    id: "revoke-is-terminal",
    recorded: "Connections made with a revoked token stay open, and the shared secret brings the device a new token.",
    ours: "They are closed, and only a new approval brings the role back.",
    reason: "Who revokes means it.",
    covers: any(
      { transcripts: ["device-pairing"], kinds: ["missing-answer"], about: /last-heartbeat/ },
      { transcripts: ["device-pairing"], kinds: ["missing-event"], conns: ["new-device-token"] },
      { transcripts: ["device-pairing"], about: /^close/, conns: ["new-device-token"] },
      {
        transcripts: ["device-pairing"],
        about: /^answer to connect/,
        conns: ["shared-token-after-revok"],
        path: /^ok$/,
        actual: /pairing required/,
      },
    ),
  },
  {
    id: "roles-of-tokens",
    recorded: "device.token.rotate makes a token for any role, approved or not.",
    ours: "Only for a role that was approved.",
    reason: "A token must not carry what nobody approved.",
    covers: any({
      transcripts: ["device-pairing"],
      about: /^answer to device\.token\.rotate/,
      path: /^ok$/,
      actual: /unknown deviceId\/role/,
    }),
  },
  {
    id: "tokens-shown-once",
    recorded: "node.pair.list shows the token of every node.",
    ours: "A token is told once, when it is made; the database has a digest.",
    reason: "A list, a backup or a log must not be a bunch of keys.",
    covers: any({ about: /^answer to node\.pair\.list/, kinds: ["missing-field"], path: /paired\[\]\.token/ }),
  },
  {
    id: "device-token-suffices",
    recorded: "A client that shows a stale shared token beside its device token was refused.",
    ours: "The device token lets it in, with the scopes it was approved for.",
    reason: "Published clients try just that when the shared token has changed, and expect to get in.",
    covers: any({ transcripts: ["gc-device-auth"], about: /^(answer to connect|close)/, conns: ["c"] }),
  },
  {
    id: "diagnostic-events",
    recorded: "diagnostics.stability hands out a thousand diagnostic events kept in memory.",
    ours: "None are kept: an empty list with capacity 0.",
    reason: "What happened is in the log, where it outlives the process.",
    covers: any({ about: /^answer to diagnostics\.stability/, path: /events$/, kinds: ["length"] }),
  },
];

const overHttp: readonly Omit<Deviation, "kind">[] = [
  {
    id: "http-unknown-agent",
    recorded: "POST /v1/chat/completions answers for an agent that does not exist.",
    ours: "404 `model_not_found`.",
    reason: "A misspelt name must not become an agent without instructions.",
    covers: any({
      transcripts: ["http-chat-completions"],
      path: /^status$/,
      expected: /"model":"agent:ghost"/,
      actual: /model_not_found/,
    }),
  },
  {
    id: "http-provider-failure",
    recorded: "A failure of the provider is the text of a good answer, or a stream of nothing.",
    ours: "A status from 400 and an error in OpenAI's form; in a stream that has begun, an event with it.",
    reason: "Programs take the text for the agent's words. The official libraries know errors by status.",
    covers: any({ transcripts: ["http-chat-completions-upstream-500"], path: /^status$/, actual: /^502 / }),
  },
  {
    id: "http-lines-between-texts",
    recorded: "The texts of two model calls of one turn follow each other without anything between them.",
    ours: "An empty line parts them, as in `chat` events.",
    reason: "Sentences of different calls would run together.",
    covers: any({ transcripts: ["http-chat-completions"], path: /^text$/, expected: /^Let me look\.The/ }),
  },
  {
    id: "http-too-large",
    recorded: "Bodies above 1 MiB (chat completions) or 2 MiB (tools) break the connection.",
    ours: "413 with the limit, before the body is read. Chat completions take 20 MB, for images.",
    reason: "A broken connection looks like a gateway that is down.",
    covers: any({
      transcripts: ["http-chat-completions", "http-tools-invoke"],
      kinds: ["close"],
      expected: /ECONNRESET/,
      actual: /^(400|413) /,
    }),
  },
  {
    id: "http-dry-run",
    recorded: "`dryRun` of POST /tools/invoke is ignored: the tool is called.",
    ours: "Nothing is done; the answer says whether the tool could be called.",
    reason: "Who asks for a rehearsal must not change anything.",
    covers: any({ transcripts: ["http-tools-invoke"], about: /tools\/invoke/, actual: /nothing was done|^nothing$/ }),
  },
  {
    id: "http-sessions-list",
    recorded: "The tool `sessions_list` lists every session, and its text is JSON.",
    ours: "What `tools.sessions.visibility` lets the caller's session reach, as text for a model; the rows are in `details`.",
    reason: "A tool reaches no more over HTTP than in a turn.",
    covers: any({
      transcripts: ["http-tools-invoke"],
      path: /^body\.result\.(content\[\]\.text|details\.sessions)/,
      expected: /sessions|agent:main|^1$/,
    }),
  },
];

const later: readonly Omit<Deviation, "kind">[] = [
  {
    id: "no-channels",
    recorded: "send through a channel without its token says which setting is missing.",
    ours: "unsupported channel.",
    reason: "channels and delivery",
    covers: any({ protocol: 4, kinds: ["value"], about: /^answer to send$/, path: /^error\./ }),
  },
  {
    id: "http-tools",
    recorded: "POST /tools/invoke can call session_status, agents_list and cron.",
    ours: "Tool not available.",
    reason: "tools of agents",
    covers: any({
      transcripts: ["http-tools-invoke", "alt-http-disabled"],
      path: /^status$/,
      actual: /Tool not available: (session_status|agents_list|cron)/,
    }),
  },
  {
    id: "canvas",
    recorded: "hello-ok of protocol 3 names a canvas host.",
    ours: "None.",
    reason: "canvas",
    covers: any({ path: /canvasHostUrl/ }),
  },
  {
    id: "heartbeat",
    recorded: "Agents have a heartbeat.",
    ours: "Heartbeat is off.",
    reason: "heartbeat and schedules",
    covers: any({ path: /heartbeat\.(agents\[\]\.)?(enabled|everyMs|target)/ }, { about: /^answer to last-heartbeat/ }),
  },
  {
    id: "tools",
    recorded: "Results of read carry details of their own.",
    ours: "Other details.",
    reason: "tools",
    covers: any(
      { kinds: ["missing-field"], about: /agent\/tool\/result/, path: /data\.result\.details/ },
      { transcripts: ["gc-event-model"], about: /(agent|session)[./]tool/, path: /data/ },
      { transcripts: ["gc-event-model"], kinds: ["missing-event"], about: /(agent|session)[./]tool\/update/ },
    ),
  },
  {
    id: "compact-counts",
    recorded: "sessions.compact counts the lines of a file, its head and notes of other kinds among them.",
    ours: "It counts messages.",
    reason: "a transcript has nothing but messages",
    covers: any({ transcripts: ["m-sessions"], about: /^answer to sessions\.compact/, path: /compacted|archived/ }),
  },
  {
    id: "sessions-create",
    recorded: "A session made by sessions.create has a display name, and a patch is told when its title is made.",
    ours: "It has its label; its title is told with its first message.",
    reason: "titles made by a model",
    covers: any(
      { transcripts: ["gc-event-model"], path: /session\.(label|displayName|derivedTitle)/ },
      { transcripts: ["gc-event-model"], kinds: ["missing-event"], about: /sessions\.changed\/(create|patch)/ },
      { transcripts: ["gc-event-model"], about: /^answer to chat\.startup/, path: /sessionId|hasMore|totalMessages/ },
    ),
  },
  {
    id: "system-event",
    recorded: "system-event makes a presence row and tells it.",
    ours: "Unknown method.",
    reason: "system events",
    covers: any({ transcripts: ["m-health-status"], kinds: ["missing-event"], about: /^event presence/ }),
  },
  {
    id: "node-commands",
    recorded: "Methods of nodes answer operators `unauthorized role`.",
    ours: "They do not exist yet.",
    reason: "nodes",
    covers: any({ about: /^answer to skills\.bins/ }),
  },
  {
    id: "speech-providers",
    recorded: "talk.catalog lists modes, transports and the providers for speech, none of them configured.",
    ours: "No provider, no mode.",
    reason: "talk and speech",
    covers: any({ about: /^answer to talk\.catalog/, kinds: ["length"] }),
  },
  {
    id: "tasks",
    recorded: "tasks.list lists runs of the command line and of sub-agents as background tasks.",
    ours: "No tasks.",
    reason: "heartbeat and schedules",
    covers: any({ about: /^answer to tasks\.list/, path: /tasks$/, kinds: ["length"] }),
  },
  {
    id: "provider-login",
    recorded: "models.authStatus tells which providers a dashboard may log in to.",
    ours: "Providers are set up in the configuration or the environment only.",
    reason: "agents and models",
    covers: any({ about: /^answer to models\.authStatus/, path: /providerCapabilities$/, kinds: ["length"] }),
  },
];

const circumstances: readonly Omit<Deviation, "kind">[] = [
  {
    id: "in-the-middle",
    recorded:
      "These recordings begin in the middle of a conversation, with runs and titles of its past, and another stub model.",
    ours: "A conversation that has just begun.",
    reason: "What came before them is not part of them.",
    covers: any(
      {
        transcripts: ["uix-tool", "uix-stop", "uix-new-session", "uix-switch-session", "cliv3sub-tui"],
        kinds: ["value", "missing-field"],
        path: /(deltaText|content\[\]\.text|data\.(text|delta)|abortedLastRun|inFlightRun|displayName|derivedTitle|messages\[\]\.(usage|stopReason|provider|api)|runId|idempotencyKey)/,
      },
      { transcripts: ["uix-new-session"], kinds: ["missing-event"], about: /sessions\.changed\/chat\.title/ },
      { transcripts: ["uix-tool"], about: /^event agent\/tool\// },
    ),
  },
  {
    id: "others-left",
    recorded: "A client of another recording left meanwhile.",
    ours: "Nobody else is there.",
    reason: "A fresh gateway for every recording.",
    covers: any({ transcripts: ["exec-approval-agent"], kinds: ["missing-event"], about: /^event presence/ }),
  },
  {
    id: "metadata-race",
    recorded: "One chat.metadata met a session that had just changed and is told to try again.",
    ours: "It is answered.",
    reason: "What it tells does not hang on the session.",
    covers: any({ about: /^answer to chat\.metadata/, path: /^ok$/, expected: /Session changed/ }),
  },
  {
    id: "past",
    recorded: "The recorded gateways had other sessions, clients and logs.",
    ours: "One session from before.",
    reason: "A fresh gateway for every recording.",
    covers: any(
      {
        transcripts: ["m-health-status"],
        about: /^answer to sessions\.usage/,
        kinds: ["length", "missing-field"],
        path: /aggregates\.(byModel|byProvider|daily|modelDaily)$|points$|logs$|sessionId$/,
      },
      {
        path: /sessions\.recent|byAgent|^payload\.sessions$|list\.sessions$|health\.agents$|^payload\.agents$/,
        kinds: ["length"],
      },
      { path: /recent\[\]\.key/ },
      { about: /^answer to (device|node)\.pair\.list/, path: /pending$|paired$/, kinds: ["length"] },
      { protocol: 4, about: /^event device\.pair\.resolved/, kinds: ["missing-event"] },
      { about: /^answer to (logs\.tail)/, path: /truncated|reset/ },
      {
        transcripts: ["m-sessions"],
        about: /^answer to sessions\.list/,
        path: /sessions\[\]\.(key|displayName|channel|deliveryContext\.channel|lastChannel)/,
      },
      { protocol: 4, path: /messages$|previews\[\]\.items$/, kinds: ["length"] },
      { protocol: 4, about: /^answer to sessions\.branches\.list/, path: /headline$/ },
      { protocol: 4, path: /hasMore|systemSent/, kinds: ["value"] },
      { protocol: 4, path: /nextOffset$/, kinds: ["type", "missing-field"] },
      { protocol: 4, path: /messages\[\]\.(idempotencyKey|__openclaw|model)|inFlightRun\.text|lastMessagePreview/ },
      { protocol: 4, path: /(snapshot|^payload)\.presence\[\]\.(mode|reason|instanceId)/ },
      {
        protocol: 4,
        about: /^event sessions\.changed\/send/,
        kinds: ["missing-field"],
        path: /lastMessagePreview|(input|output|total)Tokens/,
      },
    ),
  },
  {
    id: "stub",
    recorded: "Another stub model: its own error texts, its own address.",
    ours: "Ours.",
    reason: "The recordings' upstream is not part of them.",
    covers: any(
      { path: /errorMessage/, expected: /Incorrect API key/ },
      { path: /baseUrl/ },
      { transcripts: ["chat-silent"], path: /text/, expected: /media:x/ },
    ),
  },
  {
    id: "methods-switched-off",
    recorded: "Some recordings of protocol 4 were made with methods switched off.",
    ours: "They are answered.",
    reason: "They show what clients do then, not what a gateway does.",
    covers: any({ protocol: 4, path: /^ok$/, expected: /unknown method/ }),
  },
  {
    id: "slow-readers",
    recorded: "A slow reader gets the health events that were queued before it stopped reading.",
    ours: "Health may not reach a reader that stopped before it was refreshed.",
    reason: "The replay does not wait as the recording did.",
    covers: any({ transcripts: ["slow-consumer"], kinds: ["missing-event"], about: /^event health/, conns: ["slow"] }),
  },
  {
    id: "timing",
    recorded: "A repeated request came before the run had begun; a stop came seconds after the connect.",
    ours: "The run begins at once; the stop comes before health is refreshed.",
    reason: "The replay does not wait as the recording did.",
    covers: any(
      { transcripts: ["raw-subscription-scope", "chat-idempotency"], kinds: ["order"] },
      { transcripts: ["shutdown-sigterm"], kinds: ["missing-event"], about: /^event health/, conns: ["a", "ro"] },
    ),
  },
];

export const deviations: readonly Deviation[] = [
  ...[...decided, ...overHttp].map((deviation) => ({ ...deviation, kind: "decided" as const })),
  ...later.map((deviation) => ({ ...deviation, kind: "later" as const })),
  ...circumstances.map((deviation) => ({ ...deviation, kind: "circumstance" as const })),
];

export const coveringDeviation = (mismatch: Mismatch): Deviation | undefined =>
  deviations.find(({ covers }) => covers(mismatch));
