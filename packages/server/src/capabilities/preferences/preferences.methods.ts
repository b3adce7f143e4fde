import { isDeepStrictEqual } from "node:util";
import { GatewayError, methodGroups } from "@openclaw-gateway/protocol";
import type { PreferencesStore } from "../../preferences/preferences.store.ts";
import { implement } from "../../rpc/handler.ts";

/** This gateway has one user: whoever it lets in. */
const owner = "operator";
const maxNames = 200;
const maxValueChars = 16_384;

export function createPreferences({ store }: { store: PreferencesStore }) {
  // One change after the other, so that nothing is written between a comparison and what it allows.
  let last: Promise<unknown> = Promise.resolve();

  async function change(entries: Record<string, unknown>, expected: Record<string, unknown>) {
    const known = await store.get(owner, Object.keys(expected));
    if (Object.entries(expected).some(([name, value]) => !isDeepStrictEqual(known[name] ?? null, value))) {
      return { status: "conflict" as const, entries: known };
    }
    await store.set(owner, entries);
    return { status: "ok" as const };
  }

  return implement(methodGroups.preferences, {
    "users.prefs.get": async ({ keys }) => ({ status: "ok", entries: await store.get(owner, keys) }),
    "users.prefs.set": ({ entries, expectedEntries = {} }) => {
      const values = Object.values(entries);
      if (values.length > maxNames || Object.keys(expectedEntries).length > maxNames) {
        throw new GatewayError("INVALID_REQUEST", `at most ${maxNames} preferences at once`);
      }
      if (values.some((value) => JSON.stringify(value).length > maxValueChars)) {
        throw new GatewayError("INVALID_REQUEST", `a preference has at most ${maxValueChars} characters`);
      }
      const changed = last.then(() => change(entries, expectedEntries));
      last = changed.catch(() => undefined);
      return changed;
    },
  });
}
