import { hostname } from "node:os";
import { insideDialect, type Result, type SessionKeyDefaults } from "@openclaw-gateway/protocol";
import { createAudit } from "./audit/audit.ts";
import type { AuditStore } from "./audit/audit.store.ts";
import { limiterAddress } from "./auth/address.ts";
import { createApprovalDesk } from "./approvals/approval-desk.ts";
import type { ApprovalsStore } from "./approvals/approvals-store.ts";
import { createCredentials } from "./auth/credentials.ts";
import type { DeviceStore } from "./auth/device.store.ts";
import { createDeviceTokens } from "./auth/device-tokens.ts";
import { createDevices } from "./auth/devices.ts";
import { createLiveAccess } from "./auth/grant.ts";
import { createHandshake } from "./auth/handshake.ts";
import { createHttpCaller } from "./auth/http-caller.ts";
import { createNodePairing } from "./auth/node-pairing.ts";
import { createRecentDecisions } from "./auth/recent-decisions.ts";
import type { NodePairingStore } from "./auth/node-pairing.store.ts";
import { createAuthRateLimiter } from "./auth/rate-limiter.ts";
import { secretKindOf } from "./auth/shared-secret.ts";
import type { Whois } from "./auth/tailscale.ts";
import { createAgent } from "./capabilities/agent/agent.methods.ts";
import { createAgents } from "./capabilities/agents/agents.methods.ts";
import { createAuditLog } from "./capabilities/audit/audit.methods.ts";
import { createCallerTurns } from "./capabilities/caller-turns/caller-turns.methods.ts";
import { createChat } from "./capabilities/chat/chat.methods.ts";
import { createCompat } from "./capabilities/compat/compat.methods.ts";
import { createConfig } from "./capabilities/config/config.methods.ts";
import { createSecrets } from "./capabilities/secrets/secrets.methods.ts";
import { createProtocolOne } from "./capabilities/compat/protocol-one.methods.ts";
import { createDevicesMethods } from "./capabilities/devices/devices.methods.ts";
import { createDaemonMethods } from "./capabilities/daemons/daemons.methods.ts";
import { createDaemons } from "./capabilities/daemons/daemon-runtime.ts";
import { createLogs } from "./capabilities/logs/logs.methods.ts";
import { createModels } from "./capabilities/models/models.methods.ts";
import { publishSessionEvents } from "./capabilities/sessions/sessions.events.ts";
import { createSessionTurns } from "./capabilities/sessions/session-turns.methods.ts";
import { createSpawn } from "./capabilities/spawn/spawn.methods.ts";
import { createSessions } from "./capabilities/sessions/sessions.methods.ts";
import { createEmbeddings } from "./capabilities/embeddings/embeddings.methods.ts";
import { createToolCalls } from "./capabilities/tool-calls/tool-calls.methods.ts";
import { createHealth } from "./capabilities/system/health.ts";
import { createPresence } from "./capabilities/system/presence.ts";
import { createSystem } from "./capabilities/system/system.methods.ts";
import { auditedUpdate } from "./config/audited-update.ts";
import type { GatewayConfig } from "./config/schema.ts";
import type { ConfigChange, LiveConfig } from "./config/live-config.ts";
import { describeReload } from "./config/reload/describe-state.ts";
import type { UpdateConfig } from "./config/write.ts";
import { createAbsentReaders } from "./connection/absent-readers.ts";
import { createHub } from "./connection/hub.ts";
import { createUsage } from "./capabilities/usage/usage.methods.ts";
import { createApprovals } from "./capabilities/approvals/approvals.methods.ts";
import { createNodePairingMethods } from "./capabilities/node-pairing/node-pairing.methods.ts";
import { createPreferences } from "./capabilities/preferences/preferences.methods.ts";
import { createSessionViews } from "./capabilities/sessions/session-views.methods.ts";
import { createHost } from "./capabilities/system/host.methods.ts";
import { createStreams } from "./capabilities/streams/streams.methods.ts";
import { createChannels } from "./capabilities/channels/channels.methods.ts";
import { createTalk } from "./capabilities/talk/talk.methods.ts";
import { createTasks } from "./capabilities/tasks/tasks.methods.ts";
import { createConversations } from "./conversations/conversations.ts";
import type { ConversationStore } from "./conversations/conversation-store.ts";
import type { ModelDefaults } from "./conversations/session-row.ts";
import { createApprovalsFile } from "./exec/approvals-file.ts";
import { createAgentExec } from "./exec/agent-exec.ts";
import { createLocalEventEngine } from "./events/engine.ts";
import { createEventPlane } from "./events/plane.ts";
import { createStreamLog } from "./events/stream-log.ts";
import { createHello } from "./capabilities/system/hello.ts";
import { createMedia } from "./media/media.ts";
import { mediaLimits } from "./media/media-limits.ts";
import { createPdfReader } from "./media/read-pdf.ts";
import { createOutboundHttp } from "./outbound/outbound-http.ts";
import { createLiveMetrics } from "./metrics/live-metrics.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Parts } from "./parts.ts";
import type { Cancel, Clock } from "./platform/clock.ts";
import type { Log } from "./platform/log.ts";
import { createAnsweredOnce } from "./rpc/answered-once.ts";
import type { CallMethod } from "./rpc/handler.ts";
import type { Principal } from "./rpc/principal.ts";
import { createRouter } from "./rpc/router.ts";
import { memoised } from "./rpc/memoised.ts";
import type { AgentRuntime } from "./runtime/agent-runtime.ts";
import type { GatewaySettings } from "./settings.ts";
import type { SubagentStore } from "./subagents/subagent-store.ts";
import { createSubagents } from "./subagents/subagents.ts";
import type { IdempotencyStore } from "./store/idempotency.store.ts";
import { createSessionRemoval } from "./turns/session-removal.ts";
import { createTurnGateways } from "./turns/turn-gateway.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { watchTogether } from "./turns/turn-watch.ts";
import { createTurns } from "./turns/turns.ts";
import type { PreferencesStore } from "./preferences/preferences.store.ts";
import type { BudgetStore } from "./usage/budget.store.ts";
import { createBudgets } from "./usage/budgets.ts";
import type { UsageStore } from "./usage/usage-store.ts";
import { gatewayVersion } from "./version.ts";

/** How often presence is told at most; a crowd that leaves makes one event. */
const presenceIntervalMs = 200;
/** Far below the second within which access that was taken away must have ended. */
const recheckAfterMs = 100;

export type AppDeps = {
  /** As they are now. */
  settings: () => GatewaySettings;
  store: ConversationStore;
  usage: UsageStore;
  budgets: BudgetStore;
  subagents: SubagentStore;
  preferences: PreferencesStore;
  auditStore: AuditStore;
  approvals: ApprovalsStore;
  idempotency: IdempotencyStore;
  devices: DeviceStore;
  nodes: NodePairingStore;
  /** The key that device tokens are computed from; asked for at the first device. */
  deviceTokenKey: () => Promise<Uint8Array>;
  whois: Whois;
  /** Where clients of other machines may reach this gateway, as far as it can know. */
  ownUrl: () => string;
  runtime: AgentRuntime;
  clock: Clock;
  log: Log;
  parts: Parts;
  paths: { stateDir: string; configPath: string; databasePath: string; execApprovalsPath: string };
  /** What commands may inherit a part of. */
  environment: Readonly<Record<string, string | undefined>>;
  config: () => GatewayConfig;
  configView: () => Result<"config.get">;
  updateConfig: UpdateConfig;
  configState: LiveConfig["state"];
  reloadSecrets: LiveConfig["reloadSecrets"];
  metrics: Metrics;
  /** Absent where nobody asks for traces. */
  tracing: Tracing | undefined;
  /** Of the certificate of the port; absent without TLS. */
  tlsFingerprint?: (() => string) | undefined;
  tailLog: Parameters<typeof createLogs>[0]["tail"];
};

/** The composition root: the only place that knows every capability. No ports, no files: those belong to the gateway around it. */
export function createApp(deps: AppDeps) {
  const { settings, clock, log, parts, paths } = deps;
  // What a running gateway cannot change is read here, everything else where it is used.
  const atStart = settings();
  const startedAt = clock.now();
  const streamLog = createStreamLog({
    clock,
    isFollowed: (sessionKey, runIds) => plane.isFollowed(sessionKey, runIds),
  });
  const plane = createEventPlane(createLocalEventEngine(), streamLog);
  const daemons = createDaemons({ inner: deps.runtime, plane, clock, log });
  const { runtime } = daemons;
  const keys = (): SessionKeyDefaults => ({ defaultAgentId: runtime.defaultAgentId, mainKey: settings().mainKey });
  const modelDefaults = memoised(
    () => runtime.agents(),
    (): ModelDefaults => defaultsOf(runtime),
  );
  const absent = createAbsentReaders(plane, clock);
  const audit = createAudit({ store: deps.auditStore, clock, log });
  const updateConfig = auditedUpdate(deps.updateConfig, audit);
  const conversations = createConversations(deps.store);
  const budgets = createBudgets(deps.budgets);
  const desk = createApprovalDesk({ store: deps.approvals, plane, audit, clock, log });
  const approvalsFile = createApprovalsFile(paths.execApprovalsPath);
  const gatewayOf = createTurnGateways({
    call: (method, params, ctx) => call(method, params, ctx),
    conversations,
    keys,
    settings: () => ({
      sessionVisibility: settings().sessionVisibility,
      maxSpawnDepth: settings().subagents.maxSpawnDepth,
    }),
  });
  const turns = createTurns({
    conversations,
    runtime,
    plane,
    clock,
    log,
    keys,
    resets: () => deps.config().session ?? {},
    budgets,
    gatewayOf,
    watch: deps.tracing ? watchTogether([deps.metrics.turnWatch, deps.tracing.turnWatch]) : deps.metrics.turnWatch,
    execFor: createAgentExec({
      file: approvalsFile,
      store: deps.approvals,
      conversations,
      settings: () => settings().exec,
      environment: deps.environment,
      clock,
      log,
      call: (method, params, ctx) => router.call(insideDialect, method, params, ctx),
    }),
    settings: {
      maxRunning: atStart.maxRunningTurns,
      maxQueued: atStart.maxQueuedTurns,
      maxRunningSubagents: () => settings().subagents.maxConcurrent,
    },
  });
  const subagents = createSubagents({
    store: deps.subagents,
    conversations,
    turns,
    usage: deps.usage,
    clock,
    log,
  });

  const configuration = () => describeReload(deps.configState());
  const configRevision = () => deps.configState().revision;
  const stateVersion = () => ({ presence: presence.version, health: health.version });
  const health = createHealth({
    clock,
    runtime,
    conversations,
    parts: parts.states,
    databasePath: paths.databasePath,
    configuration,
    publish: (payload) =>
      plane.publish({ event: "health", payload, audience: { kind: "all" }, stateVersion: stateVersion() }),
  });
  let cancelPresence: Cancel | undefined;
  let presenceToldAt = Number.NEGATIVE_INFINITY;
  const presence = createPresence({
    clock,
    serverVersion: gatewayVersion,
    onChange: () => {
      cancelPresence ??= clock.at(Math.max(clock.now(), presenceToldAt + presenceIntervalMs), () => {
        cancelPresence = undefined;
        presenceToldAt = clock.now();
        plane.publish({
          event: "presence",
          payload: { presence: presence.list() },
          audience: { kind: "all" },
          stateVersion: stateVersion(),
        });
      });
    },
  });

  const pairingDecisions = createRecentDecisions(clock);
  const liveAccess = createLiveAccess();
  function endSessions(isOver: (principal: Principal) => boolean, reason: string): void {
    hub.endSessions(({ principal }) => isOver(principal), reason);
    liveAccess.endSessions(isOver);
  }
  const devices = createDevices({
    store: deps.devices,
    tokens: createDeviceTokens(deps.deviceTokenKey),
    clock,
    log,
    audit,
    requested: (payload) =>
      plane.publish({
        event: "device.pair.requested",
        payload,
        audience: { kind: "device-managers", deviceId: payload.deviceId },
      }),
    resolved: (payload) => {
      pairingDecisions.note(payload.requestId, payload.decision);
      plane.publish({
        event: "device.pair.resolved",
        payload,
        audience: { kind: "device-managers", deviceId: payload.deviceId },
      });
    },
    // A moment later, so that a caller who ends its own session still gets its answer.
    endSessions: ({ deviceId, role, credential }, reason) =>
      void clock.at(clock.now(), () =>
        endSessions(
          (principal) =>
            principal.deviceId === deviceId &&
            (role === undefined || principal.role === role) &&
            (credential === undefined || principal.credential === credential),
          reason,
        ),
      ),
  });
  const nodes = createNodePairing({
    store: deps.nodes,
    clock,
    log,
    audit,
    requested: (payload) =>
      plane.publish({
        event: "node.pair.requested",
        payload,
        audience: { kind: "device-managers", deviceId: payload.nodeId },
      }),
    resolved: (payload) =>
      plane.publish({
        event: "node.pair.resolved",
        payload,
        audience: { kind: "device-managers", deviceId: payload.nodeId },
      }),
  });

  const shared = {
    audit,
    conversations,
    turns,
    runtime,
    plane,
    clock,
    keys,
    modelDefaults,
    databasePath: paths.databasePath,
    stopChildren: subagents.stopChildren,
  };
  const outbound = createOutboundHttp();
  const media = createMedia({
    limits: (entrance) => mediaLimits(entrance, deps.config()),
    outbound,
    readPdf: createPdfReader(),
  });
  const removal = createSessionRemoval(shared);
  const answeredOnce = createAnsweredOnce(deps.idempotency, clock);
  // Chat commands and tools of agents do what the methods do, by the same door.
  const call: CallMethod = async (method, params, ctx) =>
    (await router.call(insideDialect, method, params, { accept: () => {}, ...ctx })) as Result<typeof method>;
  const chat = createChat({ ...shared, call, media });
  const sessions = createSessions({ ...shared, removal });
  const agent = createAgent({ ...shared, media });
  const bareRouter = createRouter(
    {
      ...createSystem({ ...shared, health, presence, configuration, configRevision }),
      ...createLogs({ tail: deps.tailLog }),
      ...createConfig({ view: deps.configView, updateConfig }),
      ...createSecrets({ reloadSecrets: deps.reloadSecrets }),
      ...createModels(shared),
      ...createAgents({
        removal,
        runtime,
        log,
        clock,
        mainKey: () => settings().mainKey,
        scope: () => settings().sessionScope,
        stateDir: paths.stateDir,
        updateConfig,
        audit,
      }),
      ...sessions,
      ...createSessionTurns({ ...shared, chat, answeredOnce }),
      ...createSpawn({
        ...shared,
        budgets,
        subagents: deps.subagents,
        limits: () => settings().subagents,
        answeredOnce,
      }),
      ...createAuditLog(audit),
      ...createApprovals({
        desk,
        store: deps.approvals,
        file: approvalsFile,
        environment: deps.environment,
        audit,
        clock,
        log,
      }),
      ...createDevicesMethods({
        devices,
        clock,
        connected: () => hub.connectedDevices(),
        ownUrl: deps.ownUrl,
        secretKind: () => secretKindOf(settings().auth),
      }),
      ...createNodePairingMethods({ nodes }),
      ...createHost({ clock, startedAt, stateDir: paths.stateDir }),
      ...createPreferences({ store: deps.preferences }),
      ...createSessionViews(shared),
      ...createStreams({
        ...shared,
        log: streamLog,
        claimMissed: (connId, seq, by, beforeMark) => {
          // The lost connection may not know yet that it is lost.
          hub.get(connId)?.abandon(by);
          return absent.claim(connId, seq, by, beforeMark);
        },
      }),
      ...createTalk(),
      ...createChannels({ ...shared, call }),
      ...createTasks(),
      ...createDaemonMethods({ ...daemons, grantedAgents: devices.grantedAgents }),
      ...createUsage({ ...shared, usage: deps.usage }),
      ...agent,
      ...chat,
      ...createCompat({ ...shared, sessions, chat }),
    },
    createProtocolOne({ chat, agent, turns, conversations }),
    {
      ...createCallerTurns({ ...shared, media }),
      ...createToolCalls({ ...shared, gatewayOf, config: deps.config }),
      ...createEmbeddings(shared),
    },
    log,
    (by, method, { message }) =>
      audit.tally({ action: "access.denied", by, subject: method, detail: { reason: message } }),
  );
  const measured = deps.metrics.measureRouter(bareRouter);
  const router = deps.tracing?.traceRouter(measured) ?? measured;
  const stopSessionEvents = publishSessionEvents(shared);

  const refused = (address: string, reason: string, message: string): void => {
    deps.metrics.handshakes.add([reason]);
    audit.tally({
      action: "connection.refused",
      by: { address: limiterAddress(address) },
      subject: reason,
      detail: { reason: message },
    });
  };
  const credentials = createCredentials({
    settings,
    limiter: createAuthRateLimiter(clock, () => settings().rateLimit),
    devices,
    whois: deps.whois,
  });
  let replaced = 0;
  const hub = createHub({
    handshake: createHandshake({
      settings,
      credentials,
      devices,
      clock,
    }),
    router,
    plane,
    absent,
    clock,
    log,
    handshakeTimeoutMs: () => settings().handshakeTimeoutMs,
    maxBufferedBytes: atStart.maxBufferedBytes,
    tickIntervalMs: atStart.tickIntervalMs,
    buildHello: createHello({
      presence,
      health,
      startedAt,
      keys,
      now: clock.now,
      sessionScope: () => settings().sessionScope,
      paths: { configPath: paths.configPath, stateDir: paths.stateDir },
      authMode: () => settings().auth.mode,
      hostName: hostname(),
      tlsFingerprint: deps.tlsFingerprint,
      tickIntervalMs: atStart.tickIntervalMs,
      maxBufferedBytes: atStart.maxBufferedBytes,
    }),
    onReady: (member) => {
      deps.metrics.handshakes.add(["ok"]);
      presence.joined(member);
      health.refresh();
      const { principal, peer } = member;
      audit.tally({
        action: "connection.opened",
        by: { principal, connection: peer },
        detail: { client: member.params.client.id, role: principal.role, scopes: principal.scopes },
      });
    },
    onRefused: ({ address }, { wire, message }) => {
      const code = wire.details?.["code"];
      refused(address, typeof code === "string" ? code : "INVALID_CONNECT", message);
    },
    onDropped: ({ address }) => refused(address, "TOO_MANY_PENDING", "made room for others before its handshake"),
    onGone: presence.left,
    onSlow: () => deps.metrics.slow.add(),
    onReplaced: () => void replaced++,
  });
  deps.metrics.add(
    ...createLiveMetrics({
      connections: hub.counts,
      turns: turns.counts,
      events: () => ({ published: plane.mark, ...plane.done, replaced }),
    }),
  );

  let cancelRecheck: Cancel | undefined;
  /** Tells everybody that another configuration holds, and who made it hold. */
  function configChanged({ path, hash, keys, source }: ConfigChange): void {
    const payload = { path, ts: clock.now(), ...(hash !== undefined && { hash }) };
    plane.publish({ event: "config.changed", payload, audience: { kind: "all" } });
    // A write of the gateway's own is told with the name of who asked for it.
    if (source !== "write")
      void audit.record({ action: "config.changed", by: "gateway", subject: source, detail: { keys } });
  }
  /** New settings count from now on; who came in by what no longer holds leaves. */
  function settingsChanged(): void {
    cancelRecheck?.();
    // A moment later, so that a caller who ends its own session still gets its answer.
    cancelRecheck = clock.at(clock.now() + recheckAfterMs, () => {
      endSessions(({ grant }) => grant?.holds() === false, "gateway auth changed");
    });
  }

  let cancelTick: Cancel | undefined;
  function tick(): void {
    plane.publish({ event: "tick", payload: { ts: clock.now() }, audience: { kind: "all" } });
    hub.checkLiveness();
    cancelTick = clock.at(clock.now() + atStart.tickIntervalMs, tick);
  }
  cancelTick = clock.at(clock.now() + atStart.tickIntervalMs, tick);

  return {
    hub,
    httpCaller: createHttpCaller(credentials),
    pairingDecisionOf: pairingDecisions.of,
    router,
    liveAccess,
    settingsChanged,
    configChanged,
    /** The one door, for callers without a connection. */
    call,
    turns,
    /** Puts the work of the last life in order; needs the store. */
    recover: async () => {
      await Promise.all([turns.recover(), desk.recover()]);
      await subagents.recover();
      conversations
        .finishDiscarding()
        .catch((error: unknown) => log.warn({ err: error }, "deleted transcripts could not be taken away"));
      void audit.record({ action: "gateway.started", by: "gateway", detail: { version: gatewayVersion } });
    },
    refused,
    /** The same for what a lost database writer has left open. */
    reconcile: async (): Promise<void> => {
      conversations.forgetRevisions();
      await turns.reconcile();
    },
    refreshHealth: health.refresh,
    /** Tells everybody, lets turns finish within the budget, closes every connection. */
    stop: async (reason: string, restartExpectedMs: number | null): Promise<void> => {
      plane.publish({ event: "shutdown", payload: { reason, restartExpectedMs }, audience: { kind: "all" } });
      // What ends from here on is told in the next life.
      subagents.stop();
      await turns.drain(atStart.drainBudgetMs);
      cancelTick?.();
      cancelRecheck?.();
      cancelPresence?.();
      health.stop();
      desk.stop();
      stopSessionEvents();
      absent.close();
      streamLog.close();
      await Promise.all([hub.closeAll(1_000), outbound.close()]);
      void audit.record({ action: "gateway.stopped", by: "gateway", detail: { reason } });
      await audit.stop();
    },
  };
}

function defaultsOf(runtime: AgentRuntime): ModelDefaults {
  const agent = runtime.agents().find(({ id }) => id === runtime.defaultAgentId);
  if (!agent) return { modelProvider: null, model: null, contextTokens: null };
  const slash = agent.primaryModel.indexOf("/");
  return {
    modelProvider: agent.primaryModel.slice(0, slash),
    model: agent.primaryModel.slice(slash + 1),
    contextTokens: agent.contextTokens,
  };
}
