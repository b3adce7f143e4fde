import { clientIds, clientModes } from "../../connect.ts";
import type { DecodedConnect } from "../codec.ts";

/**
 * `connect` of protocol 1 as later ones know it. Its clients name themselves freely and may leave out all but their
 * credentials. A name that is not in the closed lists says nothing about trust: it counts as an ordinary program.
 */
export function readConnect(params: unknown): DecodedConnect {
  const given = params ?? {};
  if (!isRecord(given)) return { params };
  const { minProtocol = 1, maxProtocol = 1, client = {}, ...rest } = given;
  const range = { minProtocol, maxProtocol };
  if (!isRecord(client)) return { params: { ...range, client, ...rest } };
  const { id = "gateway-client", mode } = client;
  const known = { version: "unknown", platform: "unknown", ...client };
  if (typeof id !== "string" || id === "" || (mode !== undefined && typeof mode !== "string"))
    return { params: { ...range, client: { ...known, id }, ...rest } };
  const neutral = { id: isOneOf(clientIds, id) ? id : "gateway-client", mode: modeOf(id, mode) };
  return {
    params: { ...range, client: { displayName: id, ...known, ...neutral }, ...rest },
    signed: { clientId: id, clientMode: mode ?? neutral.mode, nonceAsToken: true },
  };
}

function modeOf(id: string, mode: string | undefined): string {
  if (mode === undefined) return id === "cli" ? "cli" : "backend";
  return isOneOf(clientModes, mode) ? mode : "ui";
}

const isOneOf = (list: readonly string[], name: string): boolean => list.includes(name);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
