import type { Usage } from "@openclaw-gateway/protocol";
import type { BudgetStore } from "./budget.store.ts";

/** Setting of a session: the keys of the budgets that its model calls are taken from. */
const settingName = "budgetKeys";

export const budgetKeysOf = (settings: Readonly<Record<string, unknown>>): string[] => {
  const keys = settings[settingName];
  return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
};
export const budgetSetting = (keys: readonly string[]): Record<string, unknown> =>
  keys.length > 0 ? { [settingName]: keys } : {};

type Entry = { usd: number; spentUsd: number; holders: number };

/** What one turn may spend. `problem` tells why no further model call may be made, as soon as there is a reason. */
export type Purse = {
  spend(usage: Usage, isUnpriced: boolean): void;
  readonly problem: string | undefined;
  close(): void;
};

/**
 * Watches budgets while turns run. The account on disk is written with each commit of a turn; several turns that share a
 * budget see here what the others have spent since.
 */
export function createBudgets(store: BudgetStore) {
  const entries = new Map<string, Entry>();

  async function hold(key: string): Promise<Entry | undefined> {
    const read = entries.has(key) ? undefined : await store.budget(key);
    // Somebody else may have begun to hold it meanwhile, and has counted on since.
    const entry = entries.get(key) ?? (read && { ...read, holders: 0 });
    if (!entry) return undefined;
    entry.holders++;
    entries.set(key, entry);
    return entry;
  }

  return {
    open: (key: string, usd: number): Promise<void> => store.open(key, usd),
    purse: async (keys: readonly string[]): Promise<Purse> => {
      const held: { key: string; entry: Entry }[] = [];
      for (const key of keys) {
        const entry = await hold(key);
        if (entry) held.push({ key, entry });
      }
      let unpriced = false;
      return {
        spend: (usage, isUnpriced) => {
          unpriced ||= isUnpriced && held.length > 0;
          for (const { entry } of held) entry.spentUsd += usage.cost.total;
        },
        get problem() {
          const empty = held.find(({ entry }) => entry.spentUsd >= entry.usd);
          if (empty)
            return `stopped: the budget of ${dollars(empty.entry.usd)} is spent (${dollars(empty.entry.spentUsd)})`;
          return unpriced ? "stopped: a model call had no known price, so the budget cannot be kept" : undefined;
        },
        close: () => {
          for (const { key, entry } of held.splice(0)) {
            entry.holders--;
            if (entry.holders === 0) entries.delete(key);
          }
        },
      };
    },
  };
}
export type Budgets = ReturnType<typeof createBudgets>;

const dollars = (usd: number): string => `$${usd.toFixed(usd >= 0.01 ? 2 : 6)}`;
