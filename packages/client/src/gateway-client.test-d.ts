// Checked by the compiler alone: every expected error is one `@ts-expect-error`, and an unneeded one is an error itself.
import type { HelloOk, Payload, Result, SessionRow } from "@openclaw-gateway/protocol";
import type { GatewayClient as CoreClient, EventFrame } from "./core/index.ts";
import {
  type ClientEvents,
  GatewayClient,
  type SessionManager,
  type SessionNode,
  type TrackedSession,
} from "./index.ts";
import { createMockGateway } from "./mock/index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

declare const client: GatewayClient;
declare const manager: SessionManager;

export async function typesOfSessions(): Promise<void> {
  // Whoever takes a client of the core takes this one.
  client satisfies CoreClient;
  same<Awaited<ReturnType<typeof client.connect>>, HelloOk>(true);
  const sessions = await client.sessionsList({ activeMinutes: 5, kinds: ["direct"] });
  same<typeof sessions, SessionRow[]>(true);
  // @ts-expect-error unknown param
  await client.sessionsList({ limits: 5 });
  const spawned = await client.sessionsSpawn({ task: "x", budget: 1 });
  same<typeof spawned, Result<"sessions.spawn">>(true);
  await client.sessionsSend("main", "hi");
  await client.sessionsSend("main", "hi", { idempotencyKey: "k", thinking: "low" });
  // @ts-expect-error the session is told apart
  await client.sessionsSend("main", "hi", { sessionKey: "other" });
  same<Awaited<ReturnType<typeof client.sessionsKill>>, Result<"chat.abort">>(true);
}

export function typesOfEvents(): void {
  client.on("authenticated", (hello) => same<typeof hello, HelloOk>(true));
  client.on("disconnected", ({ code, reason }) => [code.toFixed(), reason.trim()]);
  client.on("error", ({ message }) => message.trim());
  client.on("mock", ({ reason }) => reason.message);
  client.once("tick", ({ ts }) => same<typeof ts, number>(true));
  client.on("chat", (event) => same<typeof event, Payload<"chat">>(true));
  // @ts-expect-error neither the gateway's nor the client's
  client.on("open", () => {});
  // @ts-expect-error not an event
  client.off("open", () => {});
  // The client's own names are none of the gateway's: nobody can be mistaken for the other.
  same<Extract<keyof ClientEvents, Parameters<CoreClient["on"]>[0]>, never>(true);
}

export function typesOfSubscriptions(): void {
  same<ReturnType<typeof client.unsubscribe>, Promise<void>>(true);
  void client.subscribe("chat");
  const { ready } = client.subscribe("sessions.messages.subscribe", { key: "main" });
  same<typeof ready, Promise<Result<"sessions.messages.subscribe">>>(true);
  // @ts-expect-error required params
  client.subscribe("sessions.messages.subscribe");
  // @ts-expect-error not an event
  void client.subscribe("chats");
}

export function typesOfOptions(): void {
  new GatewayClient(
    { host: "h", port: 1, device: "/f" },
    { mode: "auto", subscriptions: ["chat"], autoReconnect: false },
  );
  new GatewayClient({}, { mock: createMockGateway({ seed: 1, reply: ({ message }) => message.trim() }) });
  createMockGateway({
    reply: async function* ({ approve }) {
      yield { say: String(await approve("ls")) };
      yield { tool: "exec", args: {}, result: "" };
    },
  });
  // @ts-expect-error not a mode
  new GatewayClient({}, { mode: "pretend" });
  // @ts-expect-error not an event
  new GatewayClient({}, { subscriptions: ["chats"] });
  // @ts-expect-error how it reconnects is an option of its own
  new GatewayClient({ reconnect: false });
}

export async function typesOfManager(): Promise<void> {
  manager.on("session.status", (session) => same<typeof session, TrackedSession>(true));
  manager.on("event", (frame) => same<typeof frame, EventFrame>(true));
  manager.on("chat", (event) => same<typeof event, Payload<"chat">>(true));
  manager.on("disconnected", ({ code }) => code.toFixed());
  // @ts-expect-error not an event
  manager.on("session.stopped", () => {});
  same<Awaited<ReturnType<typeof manager.sessionsTree>>, SessionNode[]>(true);
  await manager.waitForStatus("k", ["idle", "completed"], 5);
  // @ts-expect-error not a status
  await manager.waitForStatus("k", "done");
}
