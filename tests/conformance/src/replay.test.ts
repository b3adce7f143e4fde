import { describe, expect, test } from "vitest";
import { at, textAt } from "./json.ts";
import { changing, startRecordedGateway } from "./recorded-gateway.ts";
import { connectSocket } from "./raw-client.ts";
import { replay, type ReplaySteps, type ReplayTarget } from "./replay.ts";
import { loadTranscript, type Line } from "./transcript.ts";

const quick: ReplaySteps = { answerTimeoutMs: 400, eventTimeoutMs: 400 };

const targetOf = ({ url, port }: { url: string; port: number }): ReplayTarget => ({
  open: (path, headers) => connectSocket(url + path, headers),
  port,
  fixed: new Map(),
});

async function replayAgainst(protocol: 3 | 4, name: string, change?: (line: Line) => unknown) {
  const transcript = loadTranscript(protocol, name);
  await using gateway = await startRecordedGateway(transcript, change);
  return await replay(transcript, targetOf(gateway), quick);
}

describe("a gateway that answers as recorded", () => {
  test.each([
    [3, "handshake-ok"],
    [3, "handshake-auth-errors"],
    [3, "chat-main"],
    [3, "chat-tool-verbose-full"],
    [3, "agent-run"],
    [4, "gc-connect-basic"],
    [4, "raw-first-frame-errors"],
  ] as const)("v%i %s", async (protocol, name) => {
    const { mismatches, compared } = await replayAgainst(protocol, name);
    const meant = mismatches.filter(
      ({ kind, about }) => kind !== "numbering" && !about.startsWith("answer to no.such") && !isLater(about),
    );
    expect(meant).toEqual([]);
    expect(compared.answers).toBeGreaterThan(0);
  });
});

/** A recorded answer to a method that this project does not have yet is an answer it must not give. */
const isLater = (about: string): boolean => /answer to (device\.pair\.list|question\.list)/.test(about);

describe("a gateway that differs is found out", () => {
  const answerTo = (id: string) => (frame: Record<string, unknown>) => frame["type"] === "res" && frame["id"] === id;
  const found = async (name: string, change: (line: Line) => unknown) => {
    const { mismatches } = await replayAgainst(3, name, change);
    return mismatches.map(({ about, kind, path }) => [about, kind, path].filter(Boolean).join(" | "));
  };

  test.each([
    [
      "another message",
      "wrong-token7",
      (frame: Record<string, unknown>) => ({ ...frame, error: { code: "INVALID_REQUEST", message: "no" } }),
      "answer to connect | value | error.message",
    ],
    [
      "another code",
      "wrong-token7",
      (frame: Record<string, unknown>) => ({ ...frame, error: { ...(frame["error"] as object), code: "FORBIDDEN" } }),
      "answer to connect | value | error.code",
    ],
    [
      "accepted",
      "wrong-token7",
      () => ({ type: "res", id: "wrong-token7", ok: true, payload: {} }),
      "answer to connect | value | ok",
    ],
    ["no answer", "wrong-token7", () => undefined, "answer to connect | missing-answer"],
  ])("%s", async (_, id, edit, mismatch) => {
    expect(await found("handshake-auth-errors", changing(answerTo(id), edit))).toContain(mismatch);
  });

  test("a lost field, a wrong type, a wrong value", async () => {
    const isFinal = (frame: Record<string, unknown>): boolean => textAt(frame, "payload", "state") === "final";
    const edit = (payload: object) =>
      changing(isFinal, (frame) => ({ ...frame, payload: { ...(frame["payload"] as object), ...payload } }));
    expect(await found("chat-main", edit({ seq: "3" }))).toContain("event chat/final | type | payload.seq");
    expect(await found("chat-main", edit({ sessionKey: "main" }))).toContain(
      "event chat/final | value | payload.sessionKey",
    );
    const withoutMessage = changing(isFinal, (frame) => {
      const { message: _, ...payload } = frame["payload"] as Record<string, unknown>;
      return { ...frame, payload };
    });
    expect(await found("chat-main", withoutMessage)).toContain("event chat/final | missing-field | payload.message");
  });

  test("an event that never comes", async () => {
    const isEnd = ({ frame }: Line): boolean => at(frame, "payload", "data", "phase") === "end";
    expect(await found("chat-main", (line) => (isEnd(line) ? undefined : line.frame))).toContain(
      "event agent/lifecycle/end | missing-event",
    );
  });

  test("steps of a run in another order", async () => {
    const transcript = loadTranscript(3, "chat-main");
    const frames = transcript.lines.filter(
      ({ frame }) => at(frame, "payload", "runId") === "6ab99ec7-a431-4320-b86b-1e81cb6e9c86",
    );
    const [end, final] = frames.slice(-2);
    const swap = (line: Line): unknown =>
      line.line === end?.line ? final?.frame : line.line === final?.line ? end?.frame : line.frame;
    expect(await found("chat-main", swap)).toContain("order of run 6ab99ec7 | order");
  });

  test("a gap in the numbers of a connection", async () => {
    const isTick = ({ frame }: Line): boolean => at(frame, "event") === "health";
    expect(
      await found("chat-main", (line) => (isTick(line) ? { ...(line.frame as object), seq: 1 } : line.frame)),
    ).toContain("event frames | numbering | seq");
  });

  test("another close", async () => {
    const transcript = loadTranscript(3, "handshake-protocol");
    const lines = transcript.lines.map((line) =>
      line.dir === "close" && line.conn === "p1-1"
        ? { ...line, frame: { code: 1008, reason: "protocol mismatch" } }
        : line,
    );
    await using gateway = await startRecordedGateway({ ...transcript, lines });
    const { mismatches } = await replay(transcript, targetOf(gateway), quick);
    expect(mismatches.find(({ about }) => about === "close")).toMatchObject({
      path: "code",
      expected: "1002",
      actual: "1008",
    });
  });
});
