import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { PairingDecision } from "../auth/recent-decisions.ts";
import type { Principal } from "../rpc/principal.ts";
import { refusedCaller } from "./api/api-error.ts";
import { type OriginRefusal, toErrorBody } from "./origin-refusal.ts";

/** What a dashboard may know before it connects; secrets are none of it. */
export type BeforeConnectDeps = {
  /** Who sends a request; throws the refusal. */
  callerOf: (request: HttpBindings["incoming"]) => Promise<Principal>;
  facts: () => { assistantName: string; assistantAgentId: string; serverVersion: string };
  /** Why pages of an origin get no connection; without one, those that the request asks for. */
  refusalOf: (request: HttpBindings["incoming"], origin?: string) => OriginRefusal | undefined;
  /** What became of a pairing request, as far as it is still known. */
  decisionOf: (requestId: string) => PairingDecision | undefined;
};

/** The few questions that a page has while it has no connection. */
export function createBeforeConnect({
  basePath,
  callerOf,
  facts,
  refusalOf,
  decisionOf,
}: BeforeConnectDeps & { basePath: string }) {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use("/control-ui-*", async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });

  app.get("/control-ui-config.json", async (c) => {
    try {
      await callerOf(c.env.incoming);
    } catch (error) {
      return refusedCaller(error).toResponse();
    }
    return c.json({ basePath, terminalEnabled: false, ...facts() });
  });

  // A browser does not tell a page why its socket was refused, and sends no origin with a request to the same one.
  app.get("/control-ui-entrance.json", (c) => {
    const refusal = refusalOf(c.env.incoming, c.req.query("origin"));
    return c.json(refusal ? { allowed: false, ...toErrorBody(refusal) } : { allowed: true });
  });

  // Who knows the id of a request was told it, or may answer it.
  app.get("/control-ui-pairing.json", (c) => {
    const requestId = c.req.query("request") ?? "";
    return c.json({ state: decisionOf(requestId) ?? "waiting" });
  });
  return app;
}
