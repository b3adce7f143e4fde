import type { GatewayClient } from "../core/index.ts";
import { isTransientFailure } from "../retry/classify.ts";
import { type RetryOptions, retryTransient } from "../retry/retry.ts";
import { compareCalendarVersions, parseCalendarVersion } from "./calendar-version.ts";
import type { AgentSpec, GatewayControlPlane } from "./control-plane.ts";
import { heartbeatPatch, isRecord } from "./heartbeat-patch.ts";
import { ProvisioningError } from "./provisioning-error.ts";
import {
  isAgentNotFound,
  isAlreadyThere,
  isLabelInUse,
  isNotFound,
  isStaleHash,
  isUnknownMethod,
  isUnsupportedFile,
} from "./refusals.ts";

/** What the control plane uses of a client. It needs `operator.admin`. */
export type ControlPlaneClient = Pick<GatewayClient, "connect" | "request" | "requestUntyped" | "state">;

export type ControlPlaneOptions = {
  /** Connected when needed, and left open. */
  client: ControlPlaneClient;
  /** How long and how patiently each call is tried. */
  retry?: Omit<RetryOptions, "signal" | "isTransient"> | undefined;
};

/** The oldest gateway whose methods these are. */
export const minimumGatewayVersion = "2026.1.30";

/** A gateway that has just written its configuration may restart before it knows a new agent. */
const triesForNewAgent = 5;

/** The control plane of the gateway at the other end of a client. */
export function createGatewayControlPlane({ client, retry }: ControlPlaneOptions): GatewayControlPlane {
  /** A link for every attempt: a client that does not reconnect by itself gets a new one, too. */
  async function connected(): Promise<void> {
    const { state } = client;
    // Whoever closed the client wants it closed; the request says so.
    if (state.at === "ready" || (state.at === "stopped" && state.reason === "closed-by-user")) return;
    await client.connect();
  }

  function attempt<T>(
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
    mayPass: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    const isTransient = (error: unknown): boolean => isTransientFailure(error) || mayPass(error);
    return retryTransient(() => connected().then(work), { ...retry, signal, isTransient });
  }

  return {
    createAgent: async ({ agentId, workspace }, { signal } = {}) => {
      if (!isAgentId(agentId)) {
        throw new TypeError(`agentId ${JSON.stringify(agentId)}: lower-case letters, digits, "-" and "_", at most 64`);
      }
      const params = { name: agentId, workspace };
      const made = await attempt(() => client.request("agents.create", params, optionsOf(signal)), signal).catch(
        unless(isAlreadyThere, undefined),
      );
      if (made === undefined) return "existed";
      if (made.agentId === agentId) return "created";
      throw new ProvisioningError("id-changed", `the gateway made agent "${made.agentId}" of "${agentId}"`);
    },

    updateAgent: async ({ agentId, name, workspace }: AgentSpec, { signal, justCreated = false } = {}) => {
      let tries = 0;
      const isNewAgent = (error: unknown): boolean =>
        justCreated && isAgentNotFound(error) && ++tries < triesForNewAgent;
      const params = { agentId, name, workspace };
      await attempt(() => client.request("agents.update", params, optionsOf(signal)), signal, isNewAgent);
    },

    deleteAgent: (agentId, { signal, deleteFiles = true } = {}) =>
      attempt(() => client.request("agents.delete", { agentId, deleteFiles }, optionsOf(signal)), signal).then(
        () => true,
        unless(isAgentNotFound, false),
      ),

    deleteSession: (key, { signal } = {}) =>
      attempt(() => client.request("sessions.delete", { key }, optionsOf(signal)), signal).then(
        ({ deleted }) => deleted,
        unless(isNotFound, false),
      ),

    listAgentFiles: async (agentId, { signal } = {}) =>
      (await attempt(() => client.request("agents.files.list", { agentId }, optionsOf(signal)), signal)).files,

    getAgentFile: async (agentId, name, { signal } = {}) => {
      const params = { agentId, name };
      const { file } = await attempt(() => client.request("agents.files.get", params, optionsOf(signal)), signal);
      return file.missing ? undefined : (file.content ?? "");
    },

    setAgentFile: (agentId, name, content, { signal } = {}) =>
      attempt(() => client.request("agents.files.set", { agentId, name, content }, optionsOf(signal)), signal).then(
        () => true,
        unless(isUnsupportedFile, false),
      ),

    deleteAgentFile: (agentId, name, { signal } = {}) =>
      // Known to some gateways only.
      attempt(() => client.requestUntyped("agents.files.delete", { agentId, name }, optionsOf(signal)), signal).then(
        () => "deleted" as const,
        (error: unknown) => {
          if (isUnknownMethod(error) || isUnsupportedFile(error)) return "unsupported" as const;
          return unless(isNotFound, "missing" as const)(error);
        },
      ),

    ensureSession: async (key, { signal, label } = {}) => {
      const patch = (members: { label?: string }) =>
        attempt(() => client.request("sessions.patch", { key, ...members }, optionsOf(signal)), signal);
      const { entry } =
        label === undefined
          ? await patch({})
          : await patch({ label }).catch((error: unknown) => {
              // Labels are names: two people may want the same one.
              if (isLabelInUse(error)) return patch({});
              throw error;
            });
      return { sessionId: entry.sessionId };
    },

    resetSession: async (key, { signal } = {}) => {
      const { entry } = await attempt(() => client.request("sessions.reset", { key }, optionsOf(signal)), signal);
      return { sessionId: entry.sessionId };
    },

    patchHeartbeats: (heartbeats, { signal } = {}) => {
      let isWritten = false;
      return attempt(
        async () => {
          const { parsed, config, hash } = await client.request("config.get", {}, optionsOf(signal));
          // The file as it is written: what it includes and takes from the environment must stay that.
          const patch = heartbeatPatch(isRecord(parsed) ? parsed : config, heartbeats);
          // After a lost answer the patch may be there already.
          if (patch === undefined) return isWritten;
          isWritten = true;
          const params = { raw: JSON.stringify(patch), ...(hash !== undefined && { baseHash: hash }) };
          await client.request("config.patch", params, optionsOf(signal)).catch((error: unknown) => {
            if (isStaleHash(error)) isWritten = false;
            throw error;
          });
          return true;
        },
        signal,
        isStaleHash,
      );
    },

    sendMessage: ({ deliver = false, ...message }, { signal } = {}) =>
      attempt(() => client.request("chat.send", { ...message, deliver }, optionsOf(signal)), signal),

    health: ({ signal } = {}) => attempt(() => client.request("health", {}, optionsOf(signal)), signal),

    checkVersion: async (minimum = minimumGatewayVersion, { signal } = {}) => {
      const wanted = parseCalendarVersion(minimum);
      if (wanted === undefined) throw new TypeError(`not a calendar version: ${JSON.stringify(minimum)}`);
      const told = (await attempt(() => client.connect(), signal)).server.version;
      const version = parseCalendarVersion(told) ? told : await attempt(() => lastTouchedVersion(signal), signal);
      const found = version === undefined ? undefined : parseCalendarVersion(version);
      return { version, isSupported: found !== undefined && compareCalendarVersions(found, wanted) >= 0 };
    },
  };

  /** Builds that call themselves `dev` still sign the configuration they write. */
  async function lastTouchedVersion(signal: AbortSignal | undefined): Promise<string | undefined> {
    const { config } = await client.request("config.get", {}, optionsOf(signal));
    const meta = config["meta"];
    const version = isRecord(meta) ? meta["lastTouchedVersion"] : undefined;
    return typeof version === "string" && parseCalendarVersion(version) ? version : undefined;
  }
}

const isAgentId = (text: string): boolean => /^[a-z0-9_](?:[a-z0-9_-]{0,62}[a-z0-9_])?$/.test(text);

const optionsOf = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal ? { signal } : {});

/** A rejection handler: `value` for the refusals that are no failure. */
const unless =
  <T>(isFine: (error: unknown) => boolean, value: T) =>
  (error: unknown): T => {
    if (isFine(error)) return value;
    throw error;
  };
