import { createAdaptorServer } from "@hono/node-server";
import type { Server } from "node:http";

import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import type { Result } from "@openclaw-gateway/protocol";
import { type AppDeps, createApp } from "./app.ts";
import { createDeviceStore } from "./auth/device.store.ts";
import { createNodePairingStore } from "./auth/node-pairing.store.ts";
import { tailscaleWhois, type Whois } from "./auth/tailscale.ts";
import { createHttp } from "./http/app.ts";
import { originOfPage, refusalOfOrigin } from "./http/origin-refusal.ts";
import { boundIdleSockets } from "./http/idle-sockets.ts";
import { toPeer } from "./http/peer.ts";
import { createUpgrade } from "./http/upgrade.ts";
import { gatewayVersion } from "./version.ts";
import { createMetricsPage } from "./http/metrics-page.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { createTracing } from "./tracing/tracing.ts";
import { createParts } from "./parts.ts";
import type { CallMethod } from "./rpc/handler.ts";
import { type Clock, systemClock } from "./platform/clock.ts";
import type { Log } from "./platform/log.ts";
import type { AgentRuntime } from "./runtime/agent-runtime.ts";
import type { ConfigChange } from "./config/live-config.ts";
import type { GatewaySettings } from "./settings.ts";
import type { Database } from "./store/database.ts";
import { createDeferredDatabase } from "./store/deferred.ts";
import type { DatabaseState } from "./store/writer.ts";
import { createIdempotencyStore } from "./store/idempotency.store.ts";
import { createAuditStore } from "./audit/audit.store.ts";
import { createApprovalsStore } from "./approvals/approvals.store.ts";
import { createConversationStore } from "./conversations/conversation.store.ts";
import { createPreferencesStore } from "./preferences/preferences.store.ts";
import { createSubagentStore } from "./subagents/subagents.store.ts";
import { createBudgetStore } from "./usage/budget.store.ts";
import { createUsageStore } from "./usage/usage.store.ts";
import { createMemoryTransport, type MemoryLink } from "./transport/memory.ts";
import type { GatewayTls } from "./tls/gateway-tls.ts";
import type { Peer, TransportListener } from "./transport/transport.ts";

export type GatewayOptions = {
  settings: GatewaySettings;
  runtime: AgentRuntime;
  /** The port speaks TLS with this certificate. */
  tls?: GatewayTls;
  /** Starts opening the database; the port is open before it is done. `onState` hears what becomes of it later. */
  openDatabase: (onState: (state: DatabaseState) => void) => Promise<Database>;
  paths: AppDeps["paths"];
  /** What commands of agents may inherit a part of; nothing when absent. */
  environment?: AppDeps["environment"];
  /** The configuration as it is now. */
  config: AppDeps["config"];
  configView: () => Result<"config.get">;
  updateConfig: AppDeps["updateConfig"];
  configState: AppDeps["configState"];
  reloadSecrets: AppDeps["reloadSecrets"];
  tailLog: AppDeps["tailLog"];
  deviceTokenKey: AppDeps["deviceTokenKey"];
  /** Asks who has a tailnet address; the command of the local tailscaled when absent. */
  whois?: Whois;
  controlUiDir?: string;
  log: Log;
  clock?: Clock;
};

/** A gateway of this process. */
export interface Gateway {
  /** Resolves when the port is open; parts come up behind it. Rejects when the port cannot be had. */
  start(): Promise<{ host: string; port: number; url: string }>;
  /** Refuses new work, tells clients, lets turns finish within their budget, closes everything. Safe to call twice. */
  stop(reason?: { text: string; restartExpectedMs: number | null }): Promise<void>;
  /** A client inside the process, over the same connection code as a socket. */
  connectMemory(client: TransportListener, peer?: Partial<Peer>): MemoryLink;
  /** Asks a method as somebody inside the process: authorized, validated and audited like any other request. */
  call: CallMethod;
  /** Resolves when every part is up; rejects with the first failure. */
  ready(): Promise<void>;
  /** Resolves when only a new process can help: nothing can be stored any more. */
  readonly lost: Promise<Error>;
}

/** The side of a gateway that follows the configuration. */
export interface Reconfigurable {
  /** From now on these settings count. Address, port and times that clients were told stay what they were. */
  reconfigure(settings: GatewaySettings): void;
  /** Tells clients and the audit log about a change that is in force. */
  configChanged(change: ConfigChange): void;
  /** `health` is out of date. */
  refreshHealth(): void;
}

/** Puts a gateway around the composed app: port, database, start and stop. */
export function createGatewayAround(options: GatewayOptions): Gateway & Reconfigurable {
  const { log, tls, clock = systemClock } = options;
  let settings = options.settings;
  const parts = createParts(log);
  let isAccepting = false;
  let database: Database | undefined;
  let recovered: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  const lost = Promise.withResolvers<Error>();
  const opening = Promise.withResolvers<Database>();
  // Nobody may be listening yet when opening fails; the part's state tells.
  opening.promise.catch(() => undefined);
  const deferred = createDeferredDatabase(opening.promise);
  const metrics = createMetrics();
  const tracing = createTracing(options.environment ?? {}, log);
  const app = createApp({
    metrics,
    tracing,
    settings: () => settings,
    store: createConversationStore(deferred),
    usage: createUsageStore(deferred),
    budgets: createBudgetStore(deferred),
    subagents: createSubagentStore(deferred),
    auditStore: createAuditStore(deferred),
    preferences: createPreferencesStore(deferred),
    approvals: createApprovalsStore(deferred),
    idempotency: createIdempotencyStore(deferred, clock),
    devices: createDeviceStore(deferred),
    nodes: createNodePairingStore(deferred),
    deviceTokenKey: options.deviceTokenKey,
    whois: options.whois ?? tailscaleWhois,
    ownUrl: () => `ws://${urlHost(reachableHost(settings.host))}:${portOf(server) ?? settings.port}`,
    runtime: options.runtime,
    clock,
    log,
    parts,
    paths: options.paths,
    environment: options.environment ?? {},
    config: options.config,
    configView: options.configView,
    updateConfig: options.updateConfig,
    configState: options.configState,
    reloadSecrets: options.reloadSecrets,
    tailLog: options.tailLog,
    tlsFingerprint: tls && (() => tls.fingerprint),
  });
  const http = createHttp({
    readiness: () => ({ ready: isAccepting && parts.areReady, parts: parts.states() }),
    hsts: () => settings.hsts,
    dashboard: {
      callerOf: (request) => app.httpCaller(request.headers.authorization, toPeer(request, settings.trustedProxies)),
      facts: () => {
        const { defaultAgentId } = options.runtime;
        const agent = options.runtime.agents().find(({ id }) => id === defaultAgentId);
        return {
          assistantName: agent?.name ?? defaultAgentId,
          assistantAgentId: defaultAgentId,
          serverVersion: gatewayVersion,
        };
      },
      refusalOf: (request, origin = originOfPage(request)) =>
        origin === undefined
          ? undefined
          : refusalOfOrigin(origin, toPeer(request, settings.trustedProxies), settings.allowedOrigins),
      decisionOf: app.pairingDecisionOf,
    },
    watches: tracing ? [metrics.http, tracing.http] : [metrics.http],
    metricsPage: createMetricsPage({
      page: metrics.page,
      config: options.config,
      callerOf: app.httpCaller,
      peerOf: (request) => toPeer(request, settings.trustedProxies),
      log,
    }),
    api: async () => {
      const [{ createApi }, { apiRoutes }] = await Promise.all([
        import("./http/api/api.ts"),
        import("./http/api/routes.ts"),
      ]);
      return createApi({
        routes: apiRoutes,
        callerOf: app.httpCaller,
        liveAccess: app.liveAccess,
        peerOf: (request) => toPeer(request, settings.trustedProxies),
        call: app.call,
        config: options.config,
        allowedOrigins: () => settings.allowedOrigins,
        clock,
        log,
      });
    },
    basePath: settings.controlUiBasePath,
    controlUiDir: settings.controlUiEnabled ? options.controlUiDir : undefined,
  });
  // Whoever has not finished a first request is dropped within the time for a handshake; Node.js looks only so often.
  const connectionsCheckingInterval = settings.handshakeTimeoutMs / 5;
  const server = tls
    ? tls.createServer(http.fetch, { connectionsCheckingInterval })
    : (createAdaptorServer({ fetch: http.fetch, serverOptions: { connectionsCheckingInterval } }) as Server);
  boundIdleSockets(server, clock);
  server.headersTimeout = settings.handshakeTimeoutMs - connectionsCheckingInterval;
  server.requestTimeout = 60_000;
  server.on(
    "upgrade",
    createUpgrade({
      allowedOrigins: () => settings.allowedOrigins,
      trustedProxies: () => settings.trustedProxies,
      isAccepting: () => isAccepting,
      onRefused: app.refused,
      admit: app.hub.admit,
    }),
  );

  function onDatabase(state: DatabaseState): void {
    switch (state.at) {
      case "restarting":
        parts.restart("database", state.error);
        break;
      case "restored":
        parts.restored("database");
        app.reconcile().catch((error: unknown) => log.error({ err: error }, "open runs could not be looked through"));
        break;
      case "damaged":
        parts.fail("database", state.error);
        break;
      case "lost":
        parts.fail("database", state.error);
        lost.resolve(state.error);
        break;
      default:
        state satisfies never;
    }
    app.refreshHealth();
  }

  function openParts(): void {
    parts.supervise("database", options.openDatabase(onDatabase)).then(
      (db) => {
        database = db;
        opening.resolve(metrics.measureDatabase(db));
      },
      (error: unknown) => opening.reject(error),
    );
    recovered = parts.supervise("turns", opening.promise.then(app.recover));
    recovered.catch(() => undefined);
  }

  async function stop(text: string, restartExpectedMs: number | null): Promise<void> {
    isAccepting = false;
    if (recovered)
      await app
        .stop(text, restartExpectedMs)
        .catch((error: unknown) => log.error({ err: error }, "stopping was not clean"));
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    if (server.listening) await closed;
    tls?.close();
    await database?.close();
    await options.runtime.close();
    await tracing?.close();
  }

  return {
    start: async () => {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: settings.port, host: settings.host, backlog: 1_024 }, () => {
          server.off("error", reject);
          resolve();
        });
      });
      server.on("error", (error) => log.error({ err: error }, "the server reported an error"));
      isAccepting = true;
      openParts();
      const { port } = server.address() as AddressInfo;
      return {
        host: settings.host,
        port,
        url: `${tls ? "https" : "http"}://${urlHost(settings.host)}:${port}${settings.controlUiBasePath}/`,
      };
    },
    reconfigure: (next) => {
      const { host, port, tickIntervalMs, controlUiEnabled, controlUiBasePath } = settings;
      settings = { ...next, host, port, tickIntervalMs, controlUiEnabled, controlUiBasePath };
      app.settingsChanged();
    },
    configChanged: app.configChanged,
    refreshHealth: app.refreshHealth,
    stop: ({ text, restartExpectedMs } = { text: "gateway stopping", restartExpectedMs: null }) =>
      (stopping ??= stop(text, restartExpectedMs)),
    connectMemory: (client, peer = {}) => {
      const { transport, attach } = createMemoryTransport(client);
      let link: MemoryLink | undefined;
      app.hub.open(
        {
          address: "memory",
          isLoopback: true,
          isSecure: true,
          headers: { host: "localhost", forwarded: false },
          ...peer,
        },
        (listener) => {
          link = attach(listener);
          return transport;
        },
      );
      if (!link) throw new Error("the connection did not attach");
      return link;
    },
    call: app.call,
    ready: async () => {
      await opening.promise;
      await recovered;
      await tracing?.loaded;
    },
    lost: lost.promise,
  };
}

/** What a person can open: an address bound to every interface is reached by the loopback one from here. */
/** An address that other machines of the network can use, when the gateway listens on all of them. */
function reachableHost(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host;
  const faces = Object.values(networkInterfaces()).flat();
  return faces.find((face) => face?.family === "IPv4" && !face.internal)?.address ?? host;
}

const portOf = (server: Server): number | undefined => {
  const address = server.address();
  return typeof address === "object" ? address?.port : undefined;
};

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
