import type { ConnState, GatewayClient } from "../core/index.ts";
import { createNodeClient, type NodeClientOptions } from "../node-client.ts";
import type { ScriptedConnection } from "./scripted-connection.ts";
import { createScriptedServer, type ScriptedServer } from "./scripted-server.ts";

/** A scripted server with a client that points at it. */
export interface ScriptedClient extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: GatewayClient;
}

/** Builds a client that is not connected yet; it reconnects after a millisecond unless told otherwise. */
export async function createScriptedClient(
  optionsFor: NodeClientOptions | ((url: string) => NodeClientOptions) = {},
): Promise<ScriptedClient> {
  const server = await createScriptedServer();
  const client = createNodeClient({
    url: server.url,
    token: "secret",
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
    ...(typeof optionsFor === "function" ? optionsFor(server.url) : optionsFor),
  });
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.close(), server.close()]);
    },
  };
}

/** Builds a client whose link is ready, with the gateway's end of it. `hello` replaces members of `hello-ok`. */
export async function connectScriptedClient(
  options: NodeClientOptions = {},
  hello: Record<string, unknown> = {},
): Promise<ScriptedClient & { readonly gateway: ScriptedConnection }> {
  const scripted = await createScriptedClient(options);
  const connecting = scripted.client.connect();
  const gateway = await scripted.server.accept();
  await gateway.welcome(hello);
  await connecting;
  return { ...scripted, gateway };
}

/** Resolves with the state once the client is there. */
export function untilState(client: GatewayClient, at: ConnState["at"]): Promise<ConnState> {
  if (client.state.at === at) return Promise.resolve(client.state);
  return new Promise((resolve) => {
    const off = client.onState((state) => {
      if (state.at !== at) return;
      off();
      resolve(state);
    });
  });
}

/** What a promise is rejected with; it is an error when it resolves. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => Promise.reject(new Error(`resolved with ${JSON.stringify(value)}`)),
    (error: unknown) => error,
  );
}
