// Checked by the compiler alone: every expected error is one `@ts-expect-error`, and an unneeded one is an error itself.
import type { MethodName, Payload, Result } from "@openclaw-gateway/protocol";
import { type Api, type Args, type ChatProgress, GatewayClient } from "./index.ts";

declare const client: GatewayClient;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export async function typesOfRequests(): Promise<void> {
  // @ts-expect-error misspelt method
  await client.request("sessions.lst");
  // @ts-expect-error misspelt member
  await client.api.sessions.lst();

  // Params may be left out exactly when `{}` is enough.
  await client.request("health");
  await client.request("sessions.list");
  await client.api.sessions.list();
  // @ts-expect-error required params
  await client.request("chat.history");
  // @ts-expect-error required params
  await client.api.chat.history();
  // @ts-expect-error a required member is missing
  await client.request("chat.send", { sessionKey: "main", message: "hi" });
  // @ts-expect-error unknown param
  await client.request("sessions.list", { limits: 1 });

  same<Awaited<ReturnType<typeof client.api.sessions.list>>, Result<"sessions.list">>(true);
  const sent = await client.request("chat.abort", { sessionKey: "main" });
  same<typeof sent, { ok: true; aborted: boolean; runIds: string[] }>(true);

  // A name may be both a call and a namespace.
  await client.api.agent({ message: "hi", idempotencyKey: "k" });
  await client.api.agent.wait({ runId: "r" });

  // Only two-phase methods have a first answer.
  await client.request("agent", { message: "hi", idempotencyKey: "k" }, { onAccepted: ({ runId }) => runId.trim() });
  // @ts-expect-error answered once
  await client.request("health", {}, { onAccepted: () => {} });
  await client.request("health", {}, { timeoutMs: 1, signal: AbortSignal.abort() });
  same<Awaited<ReturnType<typeof client.requestUntyped>>, unknown>(true);
}

type At<T, Path> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : Path extends keyof T
    ? T[Path]
    : never;
type Uncallable = {
  [M in MethodName]: At<Api, M> extends (...args: Args<M>) => Promise<Result<M>> ? never : M;
}[MethodName];

/** Every method of the catalogue is a member, with its own params and result. */
export function typesOfMembers(): void {
  same<Uncallable, never>(true);
}

export function typesOfEvents(): void {
  client.on("tick", ({ ts }) => same<typeof ts, number>(true));
  // @ts-expect-error misspelt event
  client.on("tock", () => {});
  client.on("chat", (payload) => {
    same<typeof payload, Payload<"chat">>(true);
    // What `on` gives, `foldChat` takes.
    payload satisfies ChatProgress;
  });
}

export function typesOfSubscriptions(): void {
  const { ready } = client.subscribe("sessions.messages.subscribe", { key: "main" });
  same<typeof ready, Promise<Result<"sessions.messages.subscribe">>>(true);
  client.subscribe("sessions.subscribe");
  // @ts-expect-error not a subscription
  client.subscribe("sessions.list");
  // @ts-expect-error the opposite of one
  client.subscribe("sessions.unsubscribe");
}

export function typesOfOptions(): void {
  new GatewayClient();
  new GatewayClient({ url: "localhost", scopes: ["operator.read"], client: { id: "cli", mode: "cli" } });
  // @ts-expect-error not a scope
  new GatewayClient({ scopes: ["operator.everything"] });
  // @ts-expect-error not a known client
  new GatewayClient({ client: { id: "my-own-client" } });
}
