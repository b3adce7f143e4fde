import {
  type EventSpec,
  type HelloOk,
  limits,
  mainSessionKey,
  type MethodSpec,
  type SessionKeyDefaults,
} from "@openclaw-gateway/protocol";
import type { CredentialKind } from "../../auth/pairing-rules.ts";
import { authorize } from "../../rpc/authorize.ts";
import { createByGrant } from "../../rpc/by-grant.ts";
import type { Health } from "./health.ts";
import type { Presence } from "./presence.ts";
import type { Member } from "../../connection/connection.ts";
import { isVisible } from "../../events/plane.ts";
import { gatewayVersion } from "../../version.ts";

export type HelloDeps = {
  presence: Presence;
  health: Health;
  startedAt: number;
  now: () => number;
  keys: () => SessionKeyDefaults;
  sessionScope: () => string;
  paths: { configPath: string; stateDir: string };
  authMode: () => string;
  hostName: string;
  /** Absent without TLS. */
  tlsFingerprint?: (() => string) | undefined;
  tickIntervalMs: number;
  maxBufferedBytes: number;
};

/** The answer to `connect`. It advertises what this connection may call and see, and nothing else. */
export function createHello(
  deps: HelloDeps,
): (member: Member, issued: { token: string; issuedAtMs: number } | undefined) => HelloOk {
  const featuresOf = createByGrant((dialect, principal) => ({
    methods: namesOf<MethodSpec>(dialect.methods, (spec, name) => !spec.hidden && !authorize(principal, name, spec)),
    events: namesOf<EventSpec>(dialect.events, (spec) => isVisible(spec, principal)),
  }));
  return ({ connId, dialect, principal }, issued) => {
    const { presence, health } = deps;
    const keys = deps.keys();
    return {
      type: "hello-ok",
      protocol: dialect.version,
      server: {
        version: gatewayVersion,
        host: deps.hostName,
        connId,
        ...(deps.tlsFingerprint && { tlsFingerprint: deps.tlsFingerprint() }),
      },
      features: featuresOf(dialect, principal),
      snapshot: {
        presence: presence.list(),
        health: health.snapshot,
        stateVersion: { presence: presence.version, health: health.version },
        uptimeMs: deps.now() - deps.startedAt,
        ...deps.paths,
        authMode: deps.authMode(),
        sessionDefaults: {
          ...keys,
          mainSessionKey: mainSessionKey(keys.defaultAgentId, keys.mainKey),
          scope: deps.sessionScope(),
        },
      },
      auth: {
        method: methodNames[principal.credential ?? "shared"] ?? deps.authMode(),
        role: principal.role,
        scopes: [...principal.scopes],
        ...(issued && { deviceToken: issued.token, issuedAtMs: issued.issuedAtMs }),
      },
      policy: {
        maxPayload: limits.payloadBytes,
        maxBufferedBytes: deps.maxBufferedBytes,
        tickIntervalMs: deps.tickIntervalMs,
        attachments: { maxBytes: limits.attachmentBytes, maxImageBytes: limits.attachmentBytes },
      },
    };
  };
}

/** What let a client in, in the words of the protocol; the shared secret is named after the gateway's mode. */
const methodNames: Partial<Record<CredentialKind, string>> = {
  local: "none",
  "device-token": "device-token",
  bootstrap: "bootstrap-token",
  "trusted-proxy": "trusted-proxy",
  tailscale: "tailscale",
};

function namesOf<Spec>(registry: ReadonlyMap<string, Spec>, keep: (spec: Spec, name: string) => boolean): string[] {
  return [...registry].filter(([name, spec]) => keep(spec, name)).map(([name]) => name);
}
