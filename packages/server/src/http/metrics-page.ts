import type { IncomingMessage } from "node:http";
import { insideDialect } from "@openclaw-gateway/protocol";
import type { HttpCaller } from "../auth/http-caller.ts";
import { isLocalPeer } from "../auth/locality.ts";
import type { GatewayConfig } from "../config/schema.ts";
import type { Log } from "../platform/log.ts";
import { authorize } from "../rpc/authorize.ts";
import type { Peer } from "../transport/transport.ts";
import { describeFailure, refusedCaller } from "./api/api-error.ts";

/** Who may call this may read the numbers. */
const needs = "status";

export type MetricsPageDeps = {
  page: () => Promise<string>;
  config: () => GatewayConfig;
  callerOf: HttpCaller;
  peerOf: (request: IncomingMessage) => Peer;
  log: Log;
};

/** Answers `GET /metrics`; undefined where the configuration has no such page. */
export function createMetricsPage({ page, config, callerOf, peerOf, log }: MetricsPageDeps) {
  async function admit(request: IncomingMessage): Promise<void> {
    const { authorization, origin } = request.headers;
    const peer = peerOf(request);
    // A page in a browser of this machine says where it is from, and is nobody's scraper.
    if (config().gateway?.metrics?.allowLoopback && isLocalPeer(peer) && origin === undefined) return;
    const principal = await callerOf(authorization, peer).catch((error: unknown) => {
      throw refusedCaller(error);
    });
    const refusal = authorize(principal, needs, insideDialect.methods.get(needs));
    if (refusal) throw refusal;
  }

  return async (request: IncomingMessage): Promise<Response | undefined> => {
    if (config().gateway?.metrics?.enabled === false) return undefined;
    try {
      await admit(request);
      const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" };
      return new Response(await page(), { headers });
    } catch (error) {
      return describeFailure(error, { requestId: "metrics", log }).toResponse();
    }
  };
}
