import { type Dialect, dialects } from "@openclaw-gateway/protocol";
import { brief, compare, type Difference } from "./compare.ts";
import { createDeviceKeys } from "./device-keys.ts";
import { createHttpReplay } from "./http-replay.ts";
import { formOf, isEvent, isOneOfMany, isResponse, runOf, stepsByRun } from "./forms.ts";
import { at, isObject, type JsonObject, textAt } from "./json.ts";
import type { RawClient, RawSocket } from "./raw-client.ts";
import { createSubstitutions } from "./substitutions.ts";
import { closesByServer, type Line, type Transcript } from "./transcript.ts";

export type Mismatch = {
  transcript: string;
  protocol: 3 | 4;
  line: number;
  conn: string;
  /** `answer to chat.send`, `event chat/final`, `close`. */
  about: string;
  kind: Difference["kind"] | "missing-answer" | "extra-answer" | "missing-event" | "order" | "close" | "numbering";
  path: string;
  expected: string;
  actual: string;
};

/** A recorded request, event or advertised name that belongs to a later part of the project. */
export type NotYet = { transcript: string; line: number; kind: "method" | "event" | "advertised"; name: string };

export type ReplayReport = {
  transcript: string;
  mismatches: readonly Mismatch[];
  notYet: readonly NotYet[];
  /** How much was really compared, so that a replay of nothing does not pass. */
  compared: { answers: number; events: number; closes: number };
};

/** Where the replay goes, and what of the recording means something else there. */
export type ReplayTarget = {
  /** A new link; `path` and `headers` are those of the upgrade, where there is one. */
  open(path: string, headers: Record<string, string>): Promise<ReplayClient>;
  port: number;
  /** Fixed texts of the recording (`<TOKEN>`) and what to send for them. */
  fixed: ReadonlyMap<string, string>;
};

/** Only a socket can stop reading. */
export type ReplayClient = RawClient & Partial<RawSocket>;

export type ReplaySteps = {
  /** Bytes for messages that the recording only describes. */
  raws?: Readonly<Record<string, () => string | Uint8Array>>;
  /** What a recorded remark asks to be done (`SIGTERM`). */
  onNote?: (text: string, clients: ReadonlyMap<string, ReplayClient>) => Promise<void> | void;
  /** What a recorded client must ask for here to do what it did. */
  amendConnect?: (conn: string, params: JsonObject) => JsonObject;
  /** Sent on a connection that the recording found open already, after the challenge it was signed for. */
  opening?: readonly JsonObject[];
  /** Requests over HTTP are what the recording is about; in others they are pages that were looked at meanwhile. */
  isOverHttp?: true;
  /** Events that are known not to come; the replay does not wait for them. */
  isExpectedAbsent?: (event: { conn: string; run: string | undefined; form: string; about: string }) => boolean;
  answerTimeoutMs?: number;
  eventTimeoutMs?: number;
};

type Connection = {
  name: string;
  client: ReplayClient;
  dialect: Dialect;
  role: string;
  /** The connection went another way than the recording (let in, or kept out): what follows on it compares nothing. */
  hasDiverged: boolean;
  recordedNonce: string | undefined;
  recordedTs: number;
  /** Method of each request by its id, and how many answers to it were looked at. */
  methods: Map<string, string>;
  answersSeen: Map<string, number>;
  recorded: JsonObject[];
};

/** The first of a kind of event on a connection, as recorded. */
type Wanted = { line: Line; connection: Connection; run: string | undefined; form: string; recorded: JsonObject };

const idOf = (frame: unknown): string => JSON.stringify(at(frame, "id") ?? null);

/** Plays the client's side of a recording against a gateway and says what came back differently. */
export async function replay(
  transcript: Transcript,
  target: ReplayTarget,
  steps: ReplaySteps = {},
): Promise<ReplayReport> {
  const { answerTimeoutMs = 8_000, eventTimeoutMs = 4_000 } = steps;
  const mismatches: Mismatch[] = [];
  const notYet: NotYet[] = [];
  const compared = { answers: 0, events: 0, closes: 0 };
  const connections = new Map<string, Connection>();
  const clients = new Map<string, ReplayClient>();
  const refused = new Set<string>();
  const values = createSubstitutions(target.fixed);
  const keys = createDeviceKeys();
  const http = createHttpReplay(target.port);
  const recordedDialect = dialects.find(({ version }) => version === transcript.protocol)!;
  const ownRuns = runsStartedIn(transcript);
  const serverCloses = closesByServer(transcript);

  const report = (
    line: Line,
    about: string,
    kind: Mismatch["kind"],
    path: string,
    expected: unknown,
    actual: unknown,
  ): void => {
    mismatches.push({
      transcript: transcript.name,
      protocol: transcript.protocol,
      line: line.line,
      conn: line.conn,
      about,
      kind,
      path,
      expected: typeof expected === "string" ? expected : brief(expected),
      actual: typeof actual === "string" ? actual : brief(actual),
    });
  };
  const reportAll = (line: Line, about: string, differences: readonly Difference[]): void => {
    for (const { kind, path, expected, actual } of differences) report(line, about, kind, path, expected, actual);
  };

  async function open(name: string, frame: unknown): Promise<Connection> {
    const origin = textAt(frame, "origin")
      ?.replace("<GW_HOST>", `127.0.0.1:${target.port}`)
      .replace(":19890", `:${target.port}`);
    const headers = isObject(at(frame, "headers")) ? (at(frame, "headers") as Record<string, string>) : {};
    const client = await target.open(textAt(frame, "url") ?? "/", {
      ...headers,
      ...(origin !== undefined && { origin }),
    });
    const connection: Connection = {
      name,
      client,
      dialect: recordedDialect,
      role: "operator",
      hasDiverged: false,
      recordedNonce: undefined,
      recordedTs: 0,
      methods: new Map(),
      answersSeen: new Map(),
      recorded: [],
    };
    connections.set(name, connection);
    clients.set(name, client);
    return connection;
  }

  async function send(connection: Connection, frame: unknown): Promise<void> {
    const raw = textAt(frame, "raw");
    if (raw !== undefined) {
      const bytes = steps.raws?.[raw]?.() ?? raw;
      const described = typeof bytes === "string" || bytes.length < 1_000_000 ? parseRequest(bytes) : undefined;
      if (described) connection.methods.set(idOf(described), textAt(described, "method") ?? "?");
      connection.client.sendRaw(bytes);
      return;
    }
    let sent = values.apply(frame);
    if (isObject(frame) && isObject(sent) && textAt(frame, "method") === "connect" && isObject(frame["params"])) {
      const challenge = await connection.client.find((message) => textAt(message, "event") === "connect.challenge");
      connection.role = textAt(frame, "params", "role") ?? "operator";
      const params = sent["params"] as JsonObject;
      sent["params"] = keys.renew(frame["params"], steps.amendConnect?.(connection.name, params) ?? params, {
        recordedNonce: connection.recordedNonce,
        recordedTs: connection.recordedTs,
        nonce: textAt(challenge, "payload", "nonce") ?? "",
        ts: Number(at(challenge, "payload", "ts")),
      });
    }
    if (isObject(frame)) connection.methods.set(idOf(frame), textAt(frame, "method") ?? "?");
    sent = steps.raws?.[textAt(frame, "params", "message") ?? ""] ? withLongMessage(sent, steps.raws) : sent;
    connection.client.send(sent);
  }

  async function expectAnswer(line: Line, connection: Connection, recorded: JsonObject): Promise<void> {
    const id = idOf(recorded);
    const method = connection.methods.get(id) ?? (recorded["id"] === "invalid" ? "an invalid frame" : "?");
    const about = `answer to ${method}`;
    const index = connection.answersSeen.get(id) ?? 0;
    connection.answersSeen.set(id, index + 1);
    connection.recorded.push(recorded);
    const isLater = method !== "connect" && /^[\w.-]+$/.test(method) && !connection.dialect.methods.has(method);
    const answer = await connection.client
      .find(() => answersTo(connection, id).length > index, answerTimeoutMs)
      .then(() => answersTo(connection, id)[index])
      .catch(() => undefined);
    if (!answer) return report(line, about, "missing-answer", "", recorded["ok"] ?? recorded, "no answer");
    compared.answers += 1;
    const wasUnknown = textAt(recorded, "error", "message")?.startsWith("unknown method") ?? false;
    if (isLater && !wasUnknown && !isRefusedByScope(recorded)) {
      notYet.push({ transcript: transcript.name, line: line.line, kind: "method", name: method });
      const message = textAt(answer, "error", "message") ?? brief(answer["payload"]);
      const allowed = [
        `unknown method: ${method}`,
        "missing scope: operator.admin",
        `unauthorized role: ${connection.role}`,
      ];
      if (!allowed.includes(message)) report(line, about, "value", "error.message", allowed[0], message);
      return;
    }
    if (method === "connect" && answer["ok"] === true) {
      const version = at(answer, "payload", "protocol");
      connection.dialect = dialects.find((dialect) => dialect.version === version) ?? connection.dialect;
    }
    values.learn(recorded["payload"], answer["payload"]);
    values.learn(recorded["error"], answer["error"]);
    const { ok, error, payload } = recorded;
    if (ok !== answer["ok"]) {
      if (method === "connect") connection.hasDiverged = true;
      return report(line, about, "value", "ok", { ok, error }, { ok: answer["ok"], error: answer["error"] });
    }
    const differences = compare(
      { ...(error !== undefined && { error }), ...(payload !== undefined && { payload }) },
      answer,
    );
    reportAll(
      line,
      about,
      differences.filter((difference) => !isLaterFeature(line, connection, difference)),
    );
  }

  /** Advertised names that this project does not have yet. */
  function isLaterFeature(line: Line, { dialect }: Connection, { path, expected }: Difference): boolean {
    const kind =
      path === "payload.features.methods[]" ? "method" : path === "payload.features.events[]" ? "event" : undefined;
    if (!kind) return false;
    const name: unknown = JSON.parse(expected);
    if (typeof name !== "string" || (kind === "method" ? dialect.methods : dialect.events).has(name)) return false;
    notYet.push({ transcript: transcript.name, line: line.line, kind: "advertised", name });
    return true;
  }

  const answersTo = ({ client }: Connection, id: string): JsonObject[] =>
    client.received.filter((frame) => isResponse(frame) && idOf(frame) === id);

  const wanted: Wanted[] = [];
  const seen = new Set<Line>();

  async function expectEvent(line: Line, connection: Connection, recorded: JsonObject): Promise<void> {
    const event = textAt(recorded, "event") ?? "";
    const run = runOf(recorded);
    const form = formOf(recorded);
    if (event === "connect.challenge") {
      rememberChallenge(connection, recorded);
    } else if (!connection.dialect.events.has(event)) {
      notYet.push({ transcript: transcript.name, line: line.line, kind: "event", name: event });
      return;
    }
    // Runs left over from another recording, and the timer's own rhythm.
    if ((run !== undefined && run !== "inject" && !ownRuns.has(run)) || event === "tick") return;
    connection.recorded.push(recorded);
    if (isOneOfMany(event)) return expectNext(line, connection, recorded, form);
    if (wanted.some((other) => other.connection === connection && other.run === run && other.form === form)) return;
    const want = { line, connection, run, form, recorded };
    wanted.push(want);
    if (run !== undefined) await compareEvent(want);
  }

  /** Every one counts, and what it names is used in the requests that follow. */
  async function expectNext(line: Line, connection: Connection, recorded: JsonObject, form: string): Promise<void> {
    const index = connection.recorded.filter((frame) => isEvent(frame) && formOf(frame) === form).length - 1;
    const ofForm = (): JsonObject[] =>
      connection.client.received.filter((frame) => isEvent(frame) && formOf(frame) === form);
    const actual = await connection.client
      .find(() => ofForm().length > index, eventTimeoutMs)
      .then(() => ofForm()[index])
      .catch(() => undefined);
    if (!actual) return report(line, `event ${form}`, "missing-event", "", form, "never came");
    compared.events += 1;
    values.learn(recorded["payload"], actual["payload"]);
    reportAll(line, `event ${form}`, compare({ payload: recorded["payload"] }, actual));
  }

  /** Events that belong to no run are waited for at last. */
  async function expectRest(connection: Connection): Promise<void> {
    for (const want of wanted) {
      if (want.connection !== connection || want.run !== undefined) continue;
      await compareEvent(want);
    }
  }

  async function compareEvent({ line, connection, run, form, recorded }: Wanted): Promise<void> {
    const about = `event ${form}`;
    if (seen.has(line)) return;
    const isAbsent = steps.isExpectedAbsent?.({ conn: connection.name, run, form, about }) ?? false;
    const actual = await connection.client
      .find(fitsForm(run, form), isAbsent ? 0 : eventTimeoutMs)
      .catch(() => undefined);
    if (!actual) return;
    seen.add(line);
    compared.events += 1;
    values.learn(recorded["payload"], actual["payload"]);
    const { payload, seq, stateVersion } = recorded;
    reportAll(line, about, compare({ payload, ...(stateVersion !== undefined && { stateVersion }) }, actual));
    if ((seq === undefined) !== (actual["seq"] === undefined))
      report(line, about, "numbering", "seq", seq, actual["seq"]);
  }

  async function expectClose(line: Line, connection: Connection): Promise<void> {
    const code = Number(at(line.frame, "code"));
    const reason = textAt(line.frame, "reason") ?? "";
    const close = await connection.client.closed(answerTimeoutMs).catch(() => undefined);
    compared.closes += 1;
    if (!close) return report(line, "close", "close", "", line.frame, "still open");
    if (close.code !== code) report(line, "close", "close", "code", code, close.code);
    // A close frame holds 123 bytes; where a longer reason is cut is nobody's business.
    const length = Math.min(close.reason.length, reason.length);
    if (close.reason !== reason && (length < 100 || close.reason.slice(0, length) !== reason.slice(0, length))) {
      report(line, "close", "close", "reason", reason, close.reason);
    }
  }

  async function playHttp(line: Line): Promise<void> {
    const ended = await http.play(line);
    if (!ended) return;
    compared.answers += 1;
    for (const { kind, path, expected, actual } of ended.mismatches)
      report(line, ended.about, kind, path, expected, actual);
  }

  async function play(line: Line): Promise<void> {
    const { conn, dir, frame } = line;
    if (dir === "http") return steps.isOverHttp && playHttp(line);
    if (dir === "note") return steps.onNote?.(textAt(frame, "text") ?? "", clients);
    if (dir === "open") {
      await open(conn, frame).catch((error: unknown) => {
        refused.add(conn);
        report(line, "open", "close", "", "open", error instanceof Error ? error.message : String(error));
      });
      return;
    }
    if (refused.has(conn)) return;
    let connection = connections.get(conn);
    if (!connection) {
      connection = await open(conn, { origin: steps.opening ? "http://<GW_HOST>" : undefined });
      for (const request of steps.opening ?? []) {
        if (isEvent(request)) {
          rememberChallenge(connection, request);
          continue;
        }
        await send(connection, request);
        await connection.client.find(
          (message) => isResponse(message) && message["id"] === request["id"],
          answerTimeoutMs,
        );
      }
    }
    if (connection.hasDiverged) return;
    if (dir === "send") return send(connection, frame);
    if (dir === "close") {
      if (serverCloses.has(line)) return expectClose(line, connection);
      // The proxy's echo of what the client did.
      if (at(frame, "by") === "gateway") return;
      await expectRest(connection);
      connection.client.close();
      return;
    }
    if (isEvent(frame)) return expectEvent(line, connection, frame);
    if (isResponse(frame)) return expectAnswer(line, connection, frame);
  }

  try {
    for (const line of transcript.lines) await play(line);
    for (const connection of connections.values()) await expectRest(connection);
    for (const { line, connection, run, form } of wanted) {
      if (connection.hasDiverged || connection.client.received.some(fitsForm(run, form))) continue;
      report(line, `event ${form}`, "missing-event", "", form, "never came");
    }
    for (const connection of connections.values()) {
      const last = transcript.lines.findLast((line) => line.conn === connection.name)!;
      checkOrder(connection, (run, expected, actual) =>
        report(last, `order of run ${run.slice(0, 8)}`, "order", "", expected, actual),
      );
      checkNumbering(connection, (expected, actual) =>
        report(last, "event frames", "numbering", "seq", expected, actual),
      );
      if (transcript.protocol === 3)
        checkExtraAnswers(connection, (method, answer) =>
          report(last, `answer to ${method}`, "extra-answer", "", "no answer", answer),
        );
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  return { transcript: transcript.name, mismatches, notYet, compared };
}

function rememberChallenge(connection: Connection, { payload }: JsonObject): void {
  connection.recordedNonce = textAt(payload, "nonce");
  connection.recordedTs = Number(at(payload, "ts"));
}

const fitsForm =
  (run: string | undefined, form: string) =>
  (frame: JsonObject): boolean =>
    isEvent(frame) && runOf(frame) === run && formOf(frame) === form;

/** Scope comes before existence in the recordings, so an unknown method may be refused for the scope alone. */
const isRefusedByScope = (recorded: JsonObject): boolean =>
  /^(missing scope|unauthorized role)/.test(textAt(recorded, "error", "message") ?? "");

const runsStartedIn = ({ lines }: Transcript): Set<string> =>
  new Set(lines.flatMap(({ dir, frame }) => (dir === "send" ? (textAt(frame, "params", "idempotencyKey") ?? []) : [])));

/** Steps of a run that were recorded one after the other come in the same order. */
function checkOrder(
  { recorded, client, methods }: Connection,
  differs: (run: string, expected: string, actual: string) => void,
): void {
  const methodOf = (id: unknown): string | undefined => methods.get(JSON.stringify(id ?? null));
  const expected = stepsByRun(recorded, methodOf);
  const actual = stepsByRun(client.received, methodOf);
  for (const [run, steps] of expected) {
    const came = actual.get(run === "inject" ? "inject" : run) ?? [];
    const both = steps.filter((step) => came.includes(step));
    const inOurOrder = both.toSorted((a, b) => came.indexOf(a) - came.indexOf(b));
    const first = both.findIndex((step, index) => step !== inOurOrder[index]);
    if (first >= 0) differs(run, both.slice(first).join(" < "), inOurOrder.slice(first).join(" < "));
  }
}

/** Numbers of one connection grow by one, whatever else the gateway did meanwhile. */
function checkNumbering({ client }: Connection, differs: (expected: string, actual: string) => void): void {
  const numbers = client.received.map((frame) => frame["seq"]).filter((seq) => typeof seq === "number");
  const gap = numbers.findIndex((seq, index) => index > 0 && seq !== numbers[index - 1]! + 1);
  if (gap > 0) differs(`${numbers[gap - 1]! + 1}`, `${numbers[gap]}`);
}

function checkExtraAnswers(
  { client, answersSeen, methods }: Connection,
  differs: (method: string, answer: string) => void,
): void {
  for (const frame of client.received) {
    if (isResponse(frame) && !answersSeen.has(idOf(frame)))
      differs(methods.get(idOf(frame)) ?? "?", brief(frame["error"] ?? frame["payload"]));
  }
}

function parseRequest(bytes: string | Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A request whose long text the recording only describes. */
function withLongMessage(frame: unknown, raws: NonNullable<ReplaySteps["raws"]>): unknown {
  if (!isObject(frame) || !isObject(frame["params"])) return frame;
  const text = raws[textAt(frame, "params", "message") ?? ""]?.();
  return { ...frame, params: { ...frame["params"], message: text } };
}
