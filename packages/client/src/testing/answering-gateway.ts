import { GatewayError } from "@openclaw-gateway/protocol/wire";
import { createNodeClient } from "../node-client.ts";
import type { GatewayClient } from "../core/index.ts";
import type { ScriptedConnection } from "./scripted-connection.ts";
import { createScriptedServer } from "./scripted-server.ts";

/** Answers a request; a `GatewayError` it throws is a refusal, `undefined` leaves the request unanswered. */
export type Answer = (params: Record<string, unknown>, gateway: { restart(): void }) => unknown;

/** A scripted gateway that answers by a table, and a client whose links it takes again and again. */
export interface AnsweringGateway extends AsyncDisposable {
  readonly client: GatewayClient;
  /** What was asked, in order; methods that are not in the table are refused as unknown. */
  readonly calls: readonly (readonly [method: string, params: Record<string, unknown>])[];
  methods(): readonly string[];
}

export async function createAnsweringGateway(
  answers: Readonly<Record<string, Answer>>,
  version = "2026.11.20",
): Promise<AnsweringGateway> {
  const server = await createScriptedServer();
  const calls: (readonly [method: string, params: Record<string, unknown>])[] = [];
  const client = createNodeClient({ url: server.url, token: "t", reconnect: { minDelayMs: 1, maxDelayMs: 1 } });

  async function serve(): Promise<void> {
    for (;;) {
      const connection = await server.accept();
      await connection.welcome({ server: { version, connId: "answering" } });
      // The link ends when the client is gone.
      serveLink(connection).catch(() => {});
    }
  }

  async function serveLink(connection: ScriptedConnection): Promise<void> {
    const restart = (): void => connection.close(1012, "service restart");
    for (;;) {
      const request = await connection.receive();
      const params = (request.params ?? {}) as Record<string, unknown>;
      calls.push([request.method, params]);
      try {
        const answer = answers[request.method] ?? unknownMethod(request.method);
        const payload = answer(params, { restart });
        if (payload !== undefined) connection.respond(request, payload);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        connection.refuse(request, error.toWire());
      }
    }
  }

  // It ends with the server.
  serve().catch(() => {});

  return {
    client,
    calls,
    methods: () => calls.map(([method]) => method),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.close(), server.close()]);
    },
  };
}

const unknownMethod =
  (method: string): Answer =>
  () => {
    throw new GatewayError("INVALID_REQUEST", `unknown method: ${method}`);
  };
