import { isObject } from "./json.ts";

/**
 * Values that a gateway made up during the recording (session ids, device tokens, message ids) and what ours made up
 * in their place. Learnt from answers, used in later requests.
 */
export function createSubstitutions(fixed: ReadonlyMap<string, string>) {
  const learnt = new Map(fixed);

  function learn(recorded: unknown, actual: unknown): void {
    if (typeof recorded === "string" && typeof actual === "string") {
      if (recorded !== actual && isMadeUp(recorded) && !learnt.has(recorded)) learnt.set(recorded, actual);
    } else if (Array.isArray(recorded) && Array.isArray(actual)) {
      if (recorded.length === actual.length) recorded.forEach((item, index) => learn(item, actual[index]));
    } else if (isObject(recorded) && isObject(actual)) {
      for (const [key, value] of Object.entries(recorded)) learn(value, actual[key]);
    }
  }

  function apply(value: unknown): unknown {
    if (typeof value === "string") return learnt.get(value) ?? value;
    if (Array.isArray(value)) return value.map(apply);
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, apply(inner)]));
    return value;
  }

  return { learn, apply };
}

const isMadeUp = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text) ||
  isMadeUpKey(text) ||
  /^[0-9a-f]{8,64}$/.test(text) ||
  /^<[A-Z_]+>$/.test(text);

/** A session key that a gateway gave to a session of its own. */
export const isMadeUpKey = (text: string): boolean => /^agent:[^:]+:(dashboard|subagent):[0-9a-f-]{36}$/.test(text);
