/** Why the gateway refuses connections from this page's origin, and what would change it. */
export type OriginRefusal = { origin: string; setting: object };

type Ask = { place: string; origin: string };

/** What a refused socket does not say. Undefined when the origin is no problem, or nobody answers. */
export async function askEntrance({ place, origin }: Ask): Promise<OriginRefusal | undefined> {
  const told = await ask(`${place}/control-ui-entrance.json?origin=${encodeURIComponent(origin)}`);
  if (told?.["allowed"] !== false) return undefined;
  const { error } = told;
  const setting = typeof error === "object" && error !== null && "setting" in error ? error.setting : undefined;
  return typeof setting === "object" && setting !== null ? { origin, setting } : undefined;
}

/** What became of a request; it waits while nobody says otherwise. */
export async function askDecision(place: string, requestId: string): Promise<"approved" | "rejected" | "waiting"> {
  const told = await ask(`${place}/control-ui-pairing.json?request=${encodeURIComponent(requestId)}`);
  const state = told?.["state"];
  return state === "approved" || state === "rejected" ? state : "waiting";
}

async function ask(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    const told: unknown = await response.json();
    return typeof told === "object" && told !== null ? { ...told } : undefined;
  } catch {
    return undefined;
  }
}
