import type { AssistantMessage, TranscriptMessage, UserMessage } from "@openclaw-gateway/protocol";
import { zeroUsage } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import { noCounts } from "../usage/usage-store.ts";
import { LabelInUseError, TranscriptChangedError } from "./conversation-errors.ts";
import type { ConversationStore, NewMessage, StoredRun } from "./conversation-store.ts";

export const user = (text: string): UserMessage => ({ role: "user", content: [{ type: "text", text }], timestamp: 5 });
export const assistant = (text: string): AssistantMessage => ({
  role: "assistant",
  content: text === "" ? [] : [{ type: "text", text }],
  api: "test",
  provider: "test",
  model: "test",
  usage: zeroUsage(),
  stopReason: "stop",
  timestamp: 6,
});
const tool = (text: string): TranscriptMessage => ({
  role: "toolResult",
  toolCallId: "t1",
  toolName: "read",
  content: [{ type: "text", text }],
  isError: false,
  timestamp: 7,
});

let lastId = 0;
export const asNew = (message: TranscriptMessage, runId?: string): NewMessage => ({
  id: `m${++lastId}`,
  message,
  ...(runId !== undefined && { runId }),
});
export const seedOf = (sessionId: string, now = 1_000) => ({ agentId: "main", kind: "direct", sessionId, now });
export const runOf = (runId: string, sessionKey: string, queuedAt = 1_000): StoredRun => ({
  runId,
  sessionKey,
  requestedKey: sessionKey.toUpperCase(),
  agentId: "main",
  state: "queued",
  input: { message: `ask ${runId}`, source: "chat" },
  queuedAt,
});

const key = "agent:main:main";

/** What every conversation store must do. */
export function conversationStoreContract(open: () => Promise<{ store: ConversationStore } & AsyncDisposable>): void {
  describe("sessions", () => {
    test("are created once and then changed; members replace whole, null takes away", async () => {
      await using opened = await open();
      const { store } = opened;
      const created = await store.upsertSession(key, seedOf("s1"), {
        label: "Ops",
        settings: { origin: { a: 1, b: null }, 'odd "name".[0]\\': [1], thinkingLevel: "low", nothing: null },
      });
      expect(created).toEqual({
        key,
        agentId: "main",
        kind: "direct",
        sessionId: "s1",
        createdAt: 1_000,
        updatedAt: 1_000,
        label: "Ops",
        messageCount: 0,
        settings: { origin: { a: 1, b: null }, 'odd "name".[0]\\': [1], thinkingLevel: "low" },
        systemSent: false,
        abortedLastRun: false,
        compactionCount: 0,
        sessionStartedAt: 1_000,
        lastInteractionAt: 1_000,
      });
      const changed = await store.upsertSession(
        key,
        { ...seedOf("s2", 2_000), agentId: "other" },
        {
          settings: { origin: { c: null }, 'odd "name".[0]\\': null, thinkingLevel: undefined },
        },
      );
      expect(changed).toEqual({
        ...created,
        updatedAt: 2_000,
        settings: { origin: { c: null }, thinkingLevel: "low" },
      });
      expect(await store.session(key)).toEqual(changed);
      expect(await store.sessionById("s1")).toEqual(changed);
      expect(await store.sessionById("s2")).toBeUndefined();
      const { label, ...unlabelled } = changed;
      expect(label).toBe("Ops");
      expect(await store.upsertSession(key, seedOf("s3", 2_000), { label: null })).toEqual(unlabelled);
    });

    test("never share a label; a label that is given back can be taken", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession("agent:main:a", seedOf("a"), { label: "Ops" });
      await store.upsertSession("agent:main:b", seedOf("b"), {});
      await expect(store.upsertSession("agent:main:b", seedOf("b"), { label: "Ops" })).rejects.toBeInstanceOf(
        LabelInUseError,
      );
      await expect(store.upsertSession("agent:main:c", seedOf("c"), { label: "Ops" })).rejects.toMatchObject({
        name: "LabelInUseError",
        label: "Ops",
      });
      expect(await store.session("agent:main:c")).toBeUndefined();
      expect((await store.upsertSession("agent:main:a", seedOf("a"), { label: "Ops" })).label).toBe("Ops");
      await store.deleteSession("agent:main:a", true);
      expect((await store.upsertSession("agent:main:b", seedOf("b"), { label: "Ops" })).label).toBe("Ops");
    });

    test("are listed newest first, page by page, each once", async () => {
      await using opened = await open();
      const { store } = opened;
      for (let index = 0; index < 25; index++) {
        // Several rows of one moment: the key decides.
        await store.upsertSession(
          `agent:main:k${String(index).padStart(2, "0")}`,
          seedOf(`s${index}`, 1_000 + Math.floor(index / 4)),
          {},
        );
      }
      const all = (await store.sessions({ limit: 100 })).map((session) => session.key);
      expect(all).toEqual(
        Array.from({ length: 25 }, (_, index) => `agent:main:k${String(24 - index).padStart(2, "0")}`),
      );
      const paged: string[] = [];
      for (let before: { updatedAt: number; key: string } | undefined; ;) {
        const page = await store.sessions({ limit: 7, ...(before && { before }) });
        paged.push(...page.map((session) => session.key));
        before = page.at(-1);
        if (!before) break;
      }
      expect(paged).toEqual(all);
      expect(await store.countSessions()).toBe(25);
    });

    test("are found by what was said in them, until it is forgotten", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession("agent:main:a", seedOf("a"), {});
      await store.upsertSession("agent:work:b", { ...seedOf("b"), agentId: "work" }, {});
      await store.append(
        "agent:main:a",
        "a",
        [
          asNew(user("Where is the über-secret plan?")),
          asNew(tool("plan of a tool")),
          asNew(assistant("In the drawer")),
        ],
        { now: 2 },
      );
      await store.append("agent:work:b", "b", [asNew(user('planning "quoted" words'))], { now: 3 });
      const found = async (words: string[], over = {}) =>
        (await store.searchTranscripts({ words, limit: 10, ...over })).map(({ key, seq }) => `${key} ${seq}`);
      expect((await found(["plan"])).toSorted()).toEqual(["agent:main:a 1", "agent:work:b 1"]);
      expect(await found(["UBER", "secr"])).toEqual(["agent:main:a 1"]);
      expect(await found(["drawer"])).toEqual(["agent:main:a 3"]);
      expect(await found(["plan"], { agentId: "work" })).toEqual(["agent:work:b 1"]);
      expect(await found(["plan"], { keys: ["agent:main:a"] })).toEqual(["agent:main:a 1"]);
      expect(await found(["plan"], { limit: 1 })).toHaveLength(1);
      for (const words of [["tool"], ['"'], ["!!!"], ["OR"], ["NEAR("], ["plan", "drawer"]])
        expect(await found(words)).toEqual([]);
      await store.compactTranscript("agent:main:a", "a", 1, 4);
      expect(await found(["secret"])).toEqual([]);
      expect(await found(["drawer"])).toEqual(["agent:main:a 1"]);
      await store.deleteSession("agent:main:a", true);
      expect(await found(["drawer"])).toEqual([]);
    });

    test("lose the beginning of their transcript, never between a tool call and its result", async () => {
      await using opened = await open();
      const { store } = opened;
      const key = "agent:main:long";
      await store.upsertSession(key, seedOf("long"), {});
      const said = [
        user("a"),
        assistant("b"),
        user("c"),
        assistant("calls"),
        tool("one"),
        tool("two"),
        assistant("d"),
        user("e"),
      ];
      await store.append(
        key,
        "long",
        said.map((message) => asNew(message)),
        { now: 2_000, totalTokens: 50 },
      );
      expect(await store.compactTranscript(key, "long", 8, 3_000)).toMatchObject({ session: { messageCount: 8 } });
      expect(await store.compactTranscript(key, "other", 1, 3_000)).toBeUndefined();
      // Four would begin with a tool's result.
      const cut = await store.compactTranscript(key, "long", 4, 3_000);
      expect(cut).toMatchObject({
        session: { messageCount: 2, updatedAt: 3_000 },
        archiveId: expect.stringContaining("long.bak."),
      });
      expect(cut?.session.totalTokens).toBeUndefined();
      const left = await store.history("long", { limit: 10 });
      expect(left.map(({ seq, message }) => [seq, message.role])).toEqual([
        [1, "assistant"],
        [2, "user"],
      ]);
      expect(await store.history(cut?.archiveId ?? "", { limit: 10 })).toHaveLength(6);
      const [next] = await store.append(key, "long", [asNew(assistant("calls again")), asNew(tool("three"))], {
        now: 4_000,
      });
      expect(next?.seq).toBe(3);
      // Only a result would be left: its call stays too.
      expect(await store.compactTranscript(key, "long", 1, 5_000)).toMatchObject({ session: { messageCount: 2 } });
      await store.deleteSession(key, true);
      expect(await store.history(cut?.archiveId ?? "", { limit: 10 })).toEqual([]);
    });

    test("go on from a summary: one commit, older messages stay, a later cut moves the places along", async () => {
      await using opened = await open();
      const { store } = opened;
      const key = "agent:main:summed";
      const mark = (summary: string): TranscriptMessage => ({
        role: "system",
        content: [{ type: "text", text: "Compaction" }],
        timestamp: 3,
        summary,
        tokensBefore: 90,
        tokensAfter: 20,
      });
      const delta = { ...noCounts(), at: 3_000, provider: "p", model: "m", input: 5 };
      await store.upsertSession(key, seedOf("summed"), {});
      const said = ["a", "b", "c", "d"].map((text) => asNew(user(text)));
      await store.append(key, "summed", said, { now: 2_000, totalTokens: 90 });
      const late = asNew(assistant("late"));
      const first = await store.summarise(
        key,
        "summed",
        { before: [late], mark: asNew(mark("one")), firstKeptId: said[2]!.id },
        {
          now: 3_000,
          totalTokens: 20,
          usage: { deltas: [{ ...delta, agentId: "main", sessionKey: key, sessionId: "summed" }] },
        },
      );
      expect(first).toMatchObject({
        session: { messageCount: 6, compactionCount: 1, summarySeq: 6, contextFrom: 3, totalTokens: 20 },
        stored: [{ id: late.id, seq: 5 }, { seq: 6 }],
      });
      expect(first?.session.derivedTitle).toBe("a");
      expect((await store.history("summed", { limit: 9, fromSeq: 3 })).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
      // A message that is gone leaves what comes behind the summary.
      const second = await store.summarise(
        key,
        "summed",
        { before: [], mark: asNew(mark("two")), firstKeptId: "gone" },
        { now: 4_000 },
      );
      expect(second?.session).toMatchObject({ compactionCount: 2, summarySeq: 7, contextFrom: 7 });
      expect((await store.compactTranscript(key, "summed", 3, 5_000))?.session).toMatchObject({
        messageCount: 3,
        summarySeq: 3,
        contextFrom: 3,
      });
      expect(
        await store.summarise(key, "other", { before: [], mark: asNew(mark("x")), firstKeptId: "y" }, { now: 6_000 }),
      ).toBeUndefined();
      expect(await store.resetSession(key, "afresh", 7_000)).not.toHaveProperty("summarySeq");
    });

    test("are filtered by agent, label, parent, age, kind and words", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession("global", { ...seedOf("g", 1), kind: "global" }, {});
      await store.upsertSession("unknown", { ...seedOf("u", 2), kind: "unknown" }, {});
      await store.upsertSession("agent:main:one", seedOf("1", 3), { label: "ÜBER Ops" });
      await store.upsertSession("agent:work:two", { ...seedOf("2", 4), agentId: "work" }, {});
      await store.upsertSession("agent:main:subagent:x", seedOf("3", 5), { settings: { spawnedBy: "agent:main:one" } });
      await store.append("agent:work:two", "2", [asNew(user("Plan the 100% PARTY_"))], { now: 6 });
      const found = async (filter: Omit<Parameters<ConversationStore["sessions"]>[0], "limit">) =>
        (await store.sessions({ limit: 10, ...filter })).map((session) => session.key);
      expect(await found({ agentId: "work" })).toEqual(["agent:work:two"]);
      expect(await found({ label: "ÜBER Ops" })).toEqual(["agent:main:one"]);
      expect(await found({ spawnedBy: "agent:main:one" })).toEqual(["agent:main:subagent:x"]);
      expect(await found({ updatedAfter: 5 })).toEqual(["agent:work:two", "agent:main:subagent:x"]);
      expect(await found({ includeGlobal: false, includeUnknown: false })).toHaveLength(3);
      expect(await found({ includeGlobal: true, includeUnknown: true })).toHaveLength(5);
      await store.upsertSession("agent:work:two", seedOf("2", 6), { settings: { archived: true } });
      await store.upsertSession("agent:main:one", seedOf("1", 3), { settings: { pinned: true } });
      expect(await found({ archived: true })).toEqual(["agent:work:two"]);
      expect(await found({ archived: false })).toHaveLength(4);
      expect(await found({ pinned: true })).toEqual(["agent:main:one"]);
      expect(await found({ archived: false, offset: 3 })).toEqual(["global"]);
      expect(await store.countMatching({ archived: false })).toBe(4);
      expect(
        await store.countMatching({ agentId: "main", archived: false, includeGlobal: false, includeUnknown: false }),
      ).toBe(2);
      expect(await store.countMatching({ search: "über" })).toBe(1);
      expect(await found({ search: "über" })).toEqual(["agent:main:one"]);
      expect(await found({ search: "% party_" })).toEqual(["agent:work:two"]);
      expect(await found({ search: "_" })).toEqual(["agent:work:two"]);
      expect(await found({ search: "SUBAGENT:", spawnedBy: "agent:main:one" })).toEqual(["agent:main:subagent:x"]);
      expect(await found({ search: "nowhere" })).toEqual([]);
      expect([await store.countSessions("main"), await store.countSessions()]).toEqual([4, 5]);
    });

    test("begin a new transcript and counters on reset, keep settings, label and the old transcript", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), { label: "Ops", settings: { thinkingLevel: "high" } });
      await store.append(key, "s1", [asNew(user("hello"))], {
        now: 2_000,
        inputTokens: 10,
        outputTokens: 2,
        totalTokens: 12,
        abortedLastRun: true,
      });
      expect(await store.resetSession(key, "s2", 3_000)).toEqual({
        ...(await store.session(key)),
        sessionId: "s2",
        updatedAt: 3_000,
        messageCount: 0,
        inputTokens: 0,
        outputTokens: 0,
        totalTokens: 0,
        label: "Ops",
        settings: { thinkingLevel: "high" },
        abortedLastRun: false,
      });
      const fresh = await store.session(key);
      expect([fresh?.derivedTitle, fresh?.lastMessagePreview, fresh?.systemSent]).toEqual([
        undefined,
        undefined,
        false,
      ]);
      expect(fresh).toMatchObject({ sessionStartedAt: 3_000, lastInteractionAt: 3_000 });
      expect(await store.history("s1", { limit: 10 })).toHaveLength(1);
      expect(await store.history("s2", { limit: 10 })).toEqual([]);
      expect([await store.isPast(key, "s1"), await store.isPast(key, "s2"), await store.isPast("x", "s1")]).toEqual([
        true,
        false,
        false,
      ]);
      await store.deleteSession(key, true);
      expect([await store.history("s1", { limit: 10 }), await store.isPast(key, "s1")]).toEqual([[], false]);
      expect(await store.resetSession("agent:main:none", "s3", 3_000)).toBeUndefined();
      expect(await store.session("agent:main:none")).toBeUndefined();
    });

    test("are deleted with or without their transcript", async () => {
      await using opened = await open();
      const { store } = opened;
      for (const [name, withTranscript] of [
        ["gone", true],
        ["kept", false],
      ] as const) {
        await store.upsertSession(name, seedOf(name), {});
        await store.append(name, name, [asNew(user("hello"))], { now: 2_000 });
        expect(await store.deleteSession(name, withTranscript)).toEqual({ deleted: true, sessionId: name });
        expect(await store.deleteSession(name, withTranscript)).toEqual({ deleted: false });
        expect(await store.session(name)).toBeUndefined();
      }
      expect([await store.countMessages("gone"), await store.countMessages("kept")]).toEqual([0, 1]);
      expect(await store.append("kept", "kept", [asNew(user("late"))], { now: 3_000 })).toEqual([]);
    });
  });

  describe("transcripts", () => {
    test("are read from the end, page by page, oldest first", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), {});
      const messages = Array.from({ length: 230 }, (_, index) =>
        asNew(index % 2 ? assistant(`a${index}`) : user(`u${index}`), `r${index}`),
      );
      const stored = [
        ...(await store.append(key, "s1", messages.slice(0, 100), { now: 2_000 })),
        ...(await store.append(key, "s1", messages.slice(100), { now: 2_000 })),
      ];
      expect(stored).toEqual(messages.map((message, index) => ({ ...message, seq: index + 1 })));
      expect(await store.history("s1", { limit: 20 })).toEqual(stored.slice(-20));
      expect(await store.history("s1", { limit: 20, beforeSeq: 11 })).toEqual(stored.slice(0, 10));
      expect(await store.history("s1", { limit: 1_000 })).toEqual(stored);
      expect(await store.countMessages("s1")).toBe(230);
      expect(await store.countMessages("none")).toBe(0);
    });

    test("keep messages exactly, whatever is in them", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), {});
      const odd = {
        ...user("nul \u0000, half \uD800, \u2028, 🦞, '; DROP TABLE messages; --"),
        extra: { deep: [null, 1.5, ""] },
      };
      await store.append(key, "s1", [asNew(odd)], { now: 2_000 });
      expect((await store.history("s1", { limit: 1 }))[0]?.message).toEqual(odd);
    });

    test("keep title, preview, count and what the model used on the session row", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), { settings: { a: 1, b: 2 } });
      await store.append(key, "s1", [asNew(user("  ")), asNew(assistant("first words"))], { now: 2_000 });
      expect(await store.session(key)).toMatchObject({ lastMessagePreview: "first words", messageCount: 2 });
      const long = `  Tell me\n\n everything ${"🦞".repeat(60)}`;
      await store.append(key, "s1", [asNew(user(long)), asNew(tool("secret"))], {
        now: 3_000,
        inputTokens: 5,
        outputTokens: 6,
        totalTokens: 7,
        modelProvider: "p",
        model: "m",
        settings: { a: null, c: { d: 3 } },
      });
      const session = await store.session(key);
      expect(session).toMatchObject({
        updatedAt: 3_000,
        messageCount: 4,
        settings: { b: 2, c: { d: 3 } },
        inputTokens: 5,
        outputTokens: 6,
        totalTokens: 7,
        modelProvider: "p",
        model: "m",
      });
      // 60 units end inside a lobster: the half one is left out.
      expect(session?.derivedTitle).toBe(`Tell me everything ${"🦞".repeat(20)}`);
      expect(session?.lastMessagePreview).toMatch(/^Tell me everything 🦞+$/u);
      await store.append(key, "s1", [asNew(user("another"))], { now: 4_000 });
      expect(await store.session(key)).toMatchObject({
        derivedTitle: session?.derivedTitle,
        lastMessagePreview: "another",
        inputTokens: 5,
      });
    });

    test("give out positions without holes to writers that do not wait for each other", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), {});
      const appended = await Promise.all(
        Array.from({ length: 40 }, () =>
          store.append(key, "s1", [asNew(user("x")), asNew(assistant("y"))], { now: 2_000 }),
        ),
      );
      expect(
        appended
          .flat()
          .map(({ seq }) => seq)
          .toSorted((a, b) => a - b),
      ).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
      expect((await store.session(key))?.messageCount).toBe(80);
    });

    test("take nothing for a session id that a reset has replaced", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), {});
      await store.resetSession(key, "s2", 2_000);
      expect(await store.append(key, "s1", [asNew(user("late"))], { now: 9_000, model: "m" })).toEqual([]);
      expect(await store.countMessages("s1")).toBe(0);
      const session = await store.session(key);
      expect([session?.updatedAt, session?.messageCount, session?.model]).toEqual([2_000, 0, undefined]);
    });
  });

  describe("runs", () => {
    test("are accepted with their session, once for each id", async () => {
      await using opened = await open();
      const { store } = opened;
      const run = runOf("r1", key);
      const accepted = await store.acceptRun(run, {
        ...seedOf("s1", 1_500),
        settings: { origin: { surface: "chat" } },
      });
      expect(accepted.existing).toBeUndefined();
      expect(accepted.session).toMatchObject({
        key,
        sessionId: "s1",
        agentId: "main",
        createdAt: 1_500,
        settings: { origin: { surface: "chat" } },
      });
      expect(await store.run("r1")).toEqual(run);
      expect(await store.run("r2")).toBeUndefined();
      const again = await store.acceptRun(
        { ...runOf("r1", "agent:main:other"), input: { message: "other", source: "agent" } },
        seedOf("s9", 9_000),
      );
      expect(again).toEqual({ session: accepted.session, existing: run });
      expect(await store.session("agent:main:other")).toBeUndefined();
    });

    test("of one id that come together are accepted once", async () => {
      await using opened = await open();
      const { store } = opened;
      const accepted = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.acceptRun(runOf("r1", key, index), seedOf(`s${index}`))),
      );
      expect(accepted.filter(({ existing }) => existing === undefined)).toHaveLength(1);
      expect(new Set(accepted.map(({ session }) => session.sessionId)).size).toBe(1);
    });

    test("move a known session up and fill in what is missing in its settings", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.upsertSession(key, seedOf("s1"), { label: "Ops", settings: { origin: { surface: "cli" } } });
      const { session } = await store.acceptRun(runOf("r1", key), {
        ...seedOf("s2", 2_000),
        settings: { origin: { surface: "chat" }, lastChannel: "web" },
      });
      expect(session).toMatchObject({
        sessionId: "s1",
        label: "Ops",
        updatedAt: 2_000,
        settings: { origin: { surface: "cli" }, lastChannel: "web" },
      });
    });

    test("that remember their request give their messages, until it is forgotten", async () => {
      await using opened = await open();
      const { store } = opened;
      const run = {
        ...runOf("resp_1", key),
        input: { message: "hi", source: "api" as const, request: { model: "m" } },
      };
      await store.acceptRun(run, seedOf("s1"));
      const before = asNew(user("earlier"));
      const ask = asNew(user("hi"), "resp_1");
      const last = asNew(assistant("hello"), "resp_1");
      await store.startRun("resp_1", key, "s1", [before, ask], 2_000);
      const touch = { now: 3_000 };
      await store.finishRun(
        "resp_1",
        { state: "done", endedAt: 3_000 },
        { key, sessionId: "s1", messages: [last], touch },
      );
      expect((await store.messagesOfRun("resp_1")).map(({ id, seq }) => [id, seq])).toEqual([
        [ask.id, 2],
        [last.id, 3],
      ]);
      expect((await store.run("resp_1"))?.input).toEqual(run.input);
      expect(await store.forgetRequest("resp_1")).toBe(true);
      expect(await store.forgetRequest("resp_1")).toBe(false);
      expect((await store.run("resp_1"))?.input).toEqual({ message: "hi", source: "api" });
    });

    test("start with their message and end with their last ones; a second end changes nothing", async () => {
      await using opened = await open();
      const { store } = opened;
      const run: StoredRun = {
        ...runOf("r1", key),
        input: { message: "hi", source: "chat", attachments: [{ data: "big" }], extraSystemPrompt: "long" },
      };
      await store.acceptRun(run, seedOf("s1"));
      const ask = asNew(user("hi"), "r1");
      expect(await store.startRun("r1", key, "s1", [ask], 2_000)).toEqual([{ ...ask, seq: 1 }]);
      expect(await store.run("r1")).toEqual({ ...run, sessionId: "s1", state: "running", startedAt: 2_000 });
      expect(await store.session(key)).toMatchObject({
        systemSent: true,
        messageCount: 1,
        derivedTitle: "hi",
        updatedAt: 2_000,
      });
      await expect(store.startRun("r1", key, "s1", [ask], 2_500)).rejects.toBeInstanceOf(TranscriptChangedError);

      const answer = asNew(assistant("hello"), "r1");
      const last = { key, sessionId: "s1", messages: [answer], touch: { now: 3_000, outputTokens: 4 } };
      const end = { state: "failed", endedAt: 3_000, error: "why" } as const;
      expect(await store.finishRun("r1", end, last)).toEqual([{ ...answer, seq: 2 }]);
      expect(
        await store.finishRun("r1", { state: "done", endedAt: 4_000 }, { ...last, touch: { now: 4_000 } }),
      ).toEqual([]);
      // What only the turn needed is gone from the row.
      expect(await store.run("r1")).toEqual({
        ...run,
        sessionId: "s1",
        input: { message: "hi", source: "chat" },
        state: "failed",
        startedAt: 2_000,
        endedAt: 3_000,
        error: "why",
      });
      expect(await store.session(key)).toMatchObject({
        messageCount: 2,
        updatedAt: 3_000,
        outputTokens: 4,
        lastMessagePreview: "hello",
      });
    });

    test("that never started can end", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.acceptRun(runOf("r1", key), seedOf("s1"));
      expect(await store.finishRun("r1", { state: "aborted", endedAt: 2_000 })).toEqual([]);
      expect(await store.run("r1")).toMatchObject({ state: "aborted", endedAt: 2_000 });
      await expect(store.startRun("r1", key, "s1", [asNew(user("hi"))], 3_000)).rejects.toBeInstanceOf(
        TranscriptChangedError,
      );
      expect(await store.countMessages("s1")).toBe(0);
    });

    test("whose session was reset while they waited end instead of starting", async () => {
      await using opened = await open();
      const { store } = opened;
      await store.acceptRun(runOf("r1", key), seedOf("s1"));
      await store.resetSession(key, "s2", 1_500);
      await expect(store.startRun("r1", key, "s1", [asNew(user("hi"))], 2_000)).rejects.toBeInstanceOf(
        TranscriptChangedError,
      );
      expect(await store.run("r1")).toMatchObject({ state: "aborted", endedAt: 2_000 });
      expect((await store.recoverRuns(3_000, () => asNew(assistant("note")))).queued).toEqual([]);
    });

    test("keep their id but not their words when their transcript is deleted", async () => {
      await using opened = await open();
      const { store } = opened;
      for (const runId of ["r1", "r2"]) await store.acceptRun(runOf(runId, key), seedOf("s1"));
      await store.finishRun("r1", { state: "done", endedAt: 2_000 });
      await store.deleteSession(key, true);
      expect((await store.run("r1"))?.input).toEqual({ message: "", source: "chat" });
      expect((await store.run("r2"))?.input.message).toBe("ask r2");
      const again = await store.acceptRun(runOf("r1", key), seedOf("s9"));
      expect([again.existing?.state, again.session.sessionId]).toEqual(["done", "s9"]);
      expect(await store.session(key)).toBeUndefined();
    });

    test("are forgotten two weeks after they ended, a few with each that ends", async () => {
      await using opened = await open();
      const { store } = opened;
      const day = 86_400_000;
      for (let index = 0; index < 6; index++) {
        await store.acceptRun(runOf(`old${index}`, key), seedOf("s1"));
        await store.finishRun(`old${index}`, { state: "done", endedAt: index });
      }
      const left = async () =>
        (await Promise.all(Array.from({ length: 6 }, (_, index) => store.run(`old${index}`)))).filter(Boolean).length;
      for (const [runId, endedAt, expected] of [
        ["young", 13 * day, 6],
        ["late", 15 * day, 2],
        ["later", 15 * day, 0],
      ] as const) {
        await store.acceptRun(runOf(runId, key), seedOf("s1"));
        await store.finishRun(runId, { state: "done", endedAt });
        expect(await left()).toBe(expected);
      }
    });

    test("that a crash cut off become interrupted with a note each; queued ones come back in order", async () => {
      await using opened = await open();
      const { store } = opened;
      const other = "agent:main:other";
      const attachments = [{ data: "big" }];
      await store.acceptRun(
        { ...runOf("r1", key, 10), input: { message: "hi", source: "chat", attachments } },
        seedOf("s1"),
      );
      await store.acceptRun(runOf("r2", other, 20), seedOf("s2"));
      // Accepted in the other order than queued.
      await store.acceptRun(runOf("r4", key, 40), seedOf("s1"));
      await store.acceptRun(runOf("r3", other, 30), seedOf("s2"));
      await store.acceptRun(runOf("r5", key, 5), seedOf("s1"));
      await store.finishRun("r5", { state: "done", endedAt: 50 });
      await store.startRun("r1", key, "s1", [asNew(user("hi"), "r1")], 60);
      await store.startRun("r2", other, "s2", [asNew(user("hi"), "r2")], 60);
      // The second one's session has started afresh since: its transcript is closed, there is no place for its note.
      await store.resetSession(other, "s3", 70);

      const note = (run: StoredRun) => asNew(assistant(`cut ${run.runId}`), run.runId);
      const recovered = await store.recoverRuns(100, note);
      expect(recovered.interrupted.map(({ runId, state, endedAt }) => [runId, state, endedAt])).toEqual([
        ["r1", "interrupted", 100],
        ["r2", "interrupted", 100],
      ]);
      expect(recovered.queued.map(({ runId }) => runId)).toEqual(["r3", "r4"]);
      expect(
        (await store.history("s1", { limit: 9 })).map(({ seq, runId, message }) => [seq, runId, message.role]),
      ).toEqual([
        [1, "r1", "user"],
        [2, "r1", "assistant"],
      ]);
      expect([await store.countMessages("s2"), await store.countMessages("s3")]).toEqual([1, 0]);
      expect((await store.run("r1"))?.input.attachments).toEqual(attachments);
      const again = await store.recoverRuns(200, note);
      expect([again.interrupted, again.queued.length]).toEqual([[], 2]);
    });
  });
}
