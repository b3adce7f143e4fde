import { isResponse } from "./forms.ts";
import { isObject, type JsonObject } from "./json.ts";
import type { RawClient } from "./raw-client.ts";

/** An ordinary connect of a program that knows the shared secret. */
export function connectParams(
  protocol: 1 | 3 | 4,
  secret: { token?: string; password?: string },
  over: JsonObject = {},
): JsonObject {
  const { token, password } = secret;
  return {
    minProtocol: protocol,
    maxProtocol: protocol,
    client: { id: "gateway-client", version: "1.0.0", platform: "linux", mode: "backend" },
    role: "operator",
    scopes: ["operator.admin"],
    caps: [],
    auth: { ...(token !== undefined && { token }), ...(password !== undefined && { password }) },
    ...over,
  };
}

let requests = 0;

/** The answer to one request, whatever it is. */
export async function call(client: RawClient, method: string, params?: unknown): Promise<JsonObject> {
  const id = `q${++requests}`;
  client.send({ type: "req", id, method, ...(params !== undefined && { params }) });
  return answer(client, id);
}

/** The `index`-th answer under an id. */
export async function answer(client: RawClient, id: unknown, index = 0): Promise<JsonObject> {
  const answers = (): JsonObject[] => client.received.filter((frame) => isResponse(frame) && frame["id"] === id);
  await client.find(() => answers().length > index, 10_000);
  return answers()[index]!;
}

/** The payload of hello-ok; throws when the connect is refused. */
export async function hello(client: RawClient, params: JsonObject): Promise<JsonObject> {
  const { ok, payload, error } = await call(client, "connect", params);
  if (ok !== true || !isObject(payload)) throw new Error(`connect refused: ${JSON.stringify(error)}`);
  return payload;
}
