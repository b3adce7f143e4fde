import { stable } from "./stable.ts";

/**
 * Keeps answers until what they were made from changes. `revision` says so; an answer computed while something changed is
 * handed out once but not kept.
 */
export function createPageCache<Page extends object>(maxPages: number) {
  const pages = new Map<string, { revision: number; page: Page }>();
  return {
    get: (key: string, revision: () => number, compute: () => Promise<Page>): Page | Promise<Page> => {
      const before = revision();
      const known = pages.get(key);
      if (known?.revision === before) return known.page;
      return compute().then((page) => {
        if (revision() !== before) return page;
        pages.delete(key);
        pages.set(key, { revision: before, page: stable(page) });
        const oldest = pages.size > maxPages ? pages.keys().next().value : undefined;
        if (oldest !== undefined) pages.delete(oldest);
        return page;
      });
    },
  };
}
