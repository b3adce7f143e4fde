import { coversScopes, type Scope, scopes as allScopes } from "@openclaw-gateway/protocol";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createManualClock } from "../testing/manual-clock.ts";
import { silentLog } from "../testing/silent-log.ts";
import { openTestMemory } from "../testing/test-databases.ts";
import { allMigrations } from "../store/migrations.ts";
import type { Principal } from "../rpc/principal.ts";
import { createDeviceStore } from "./device.store.ts";
import { createDeviceTokens } from "./device-tokens.ts";
import { createDevices, type DeviceClaim } from "./devices.ts";
import { cleanName } from "./names.ts";
import { judgePairing, type PairingClaim } from "./pairing-rules.ts";

const scopeSet = fc.subarray<Scope>([...allScopes]);
const claim = fc.record<PairingClaim>({
  role: fc.constantFrom("operator", "node", "agent"),
  scopes: scopeSet,
  credential: fc.constantFrom("shared", "local", "device-token", "bootstrap", "trusted-proxy", "tailscale"),
  granted: scopeSet,
  isLocal: fc.boolean(),
  isBrowser: fc.boolean(),
  isSecure: fc.boolean(),
});
const known = fc.option(
  fc.record({
    roles: fc.subarray(["operator", "node"]),
    token: fc.option(fc.record({ scopes: scopeSet, isRevoked: fc.boolean() }), { nil: undefined }),
  }),
  { nil: undefined },
);

describe("the rules of pairing", () => {
  test("T-B4: whatever comes together, a paired device is let in with no more than was approved", () => {
    const widened = fc.property(claim, known, (asked, approved) => {
      const verdict = judgePairing(asked, approved);
      if (verdict.do !== "admit") return true;
      return approved?.token?.isRevoked === false && coversScopes(approved.token.scopes, asked.scopes);
    });
    expect(() => fc.assert(widened, { numRuns: casesOf(10_000) })).not.toThrow();
  });

  test("T-A3, T-B5: pairing without a question takes the secret on this machine, or a code that covers it all", () => {
    const silent = fc.property(claim, known, (asked, approved) => {
      if (judgePairing(asked, approved).do !== "pair") return true;
      if (asked.credential === "bootstrap") return !approved && coversScopes(asked.granted, asked.scopes);
      if (!asked.isLocal || asked.role === "agent") return false;
      if (asked.credential === "shared") return !approved || (asked.role === "node" && !approved.token);
      return asked.credential === "local" && !asked.isBrowser && !approved;
    });
    expect(() => fc.assert(silent, { numRuns: casesOf(10_000) })).not.toThrow();
  });

  test("T-B7: over a line others can read nobody is enrolled as admin", () => {
    const enrolled = fc.property(claim, known, (asked, approved) => {
      const asksAdmin = asked.scopes.includes("operator.admin") && !asked.isSecure;
      return !asksAdmin || judgePairing(asked, approved).do !== "ask";
    });
    expect(() => fc.assert(enrolled, { numRuns: casesOf(10_000) })).not.toThrow();
  });

  test("names are one line without anything invisible, and cleaning twice changes nothing", () => {
    const clean = fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const name = cleanName(text);
      return !/[\p{Cc}\p{Cf}\n]/u.test(name) && Array.from(name).length <= 64 && cleanName(name) === name;
    });
    expect(() => fc.assert(clean, { numRuns: casesOf(2_000) })).not.toThrow();
  });
});

/** What a caller may do in one step: the numbers choose a device, a request and scopes. */
type Step = { do: "ask" | "approve" | "rotate" | "rename" | "remove" | "reject"; pick: number; scopes: Scope[] };
const step = fc.record<Step>({
  do: fc.constantFrom("ask", "approve", "rotate", "rename", "remove", "reject"),
  pick: fc.nat(3),
  scopes: scopeSet,
});

test("T-C1: no sequence of asking, approving and rotating by a caller with scopes S makes a credential outside S", async () => {
  await using db = await openTestMemory(allMigrations);
  const store = createDeviceStore(db);
  const devices = createDevices({
    store,
    tokens: createDeviceTokens(async () => new Uint8Array(32)),
    clock: createManualClock(1_000),
    log: silentLog,
    requested: () => {},
    resolved: () => {},
    endSessions: () => {},
    audit: { record: async () => {}, tally: () => {} },
  });
  const owner: Principal = { id: "o", role: "operator", scopes: allScopes, displayName: "", causedByAgent: false };
  const claimOf = (deviceId: string, scopes: readonly string[]): DeviceClaim => ({
    deviceId,
    publicKey: "",
    client: { platform: "", clientId: "test", clientMode: "test" },
    address: deviceId,
    role: "operator",
    scopes,
    credential: "shared",
    granted: allScopes,
    isLocal: false,
    isBrowser: false,
    isSecure: true,
  });
  let round = 0;
  const contained = fc.asyncProperty(
    scopeSet,
    fc.boolean(),
    scopeSet,
    fc.array(step, { maxLength: 12 }),
    async (held, isDevice, before, steps) => {
      const ids = [0, 1, 2, 3].map((number) => `d${round}-${number}`);
      round++;
      // One device was approved by the owner before the caller came.
      await devices.admit(claimOf(ids[0]!, before)).catch(() => undefined);
      for (const { requestId } of (await devices.list(owner)).pending)
        await devices.approve(owner, requestId, undefined);
      const caller: Principal = { ...owner, id: "c", scopes: held, ...(isDevice && { deviceId: ids[1]! }) };
      const mayTouch = (id: string): boolean => !isDevice || id === ids[1] || held.includes("operator.admin");
      for (const { do: act, pick, scopes } of steps) {
        const id = ids[pick]!;
        const pending = (await devices.list(owner)).pending.find(({ deviceId }) => deviceId === id);
        const had = (await store.device(id))?.tokens[0];
        const refused = await attempt(async () => {
          if (act === "ask") await devices.admit(claimOf(id, scopes));
          if (act === "approve") await devices.approve(caller, pending?.requestId ?? "none", undefined);
          if (act === "reject") await devices.reject(caller, pending?.requestId ?? "none");
          if (act === "rotate") await devices.rotate(caller, id, "operator", scopes);
          if (act === "rename") await devices.rename(caller, id, "name");
          if (act === "remove") await devices.remove(caller, id);
        });
        const has = (await store.device(id))?.tokens[0];
        // A credential that is there now and was not before lies within S.
        const isOutside = has !== undefined && has.hash !== had?.hash && !coversScopes(held, has.scopes);
        const isForeign = act !== "ask" && !refused && !mayTouch(id);
        if (isOutside || isForeign) return false;
      }
      const seen = await devices.list(caller);
      for (const id of ids) await store.remove(id);
      return [...seen.pending, ...seen.paired].every(({ deviceId }) => mayTouch(deviceId));
    },
  );
  await expect(fc.assert(contained, { numRuns: casesOf(300) })).resolves.toBeUndefined();
});

const attempt = async (work: () => Promise<void>): Promise<boolean> => {
  try {
    await work();
    return false;
  } catch {
    return true;
  }
};
