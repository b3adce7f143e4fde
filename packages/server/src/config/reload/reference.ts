import { reloadKeys, type ReloadKind } from "./reload-keys.ts";

const begin = "<!-- keys: written by node scripts/generate-configuration.mjs -->";
const end = "<!-- /keys -->";

const counts: Readonly<Record<ReloadKind, string>> = {
  none: "at once",
  hot: "at once (a part is told)",
  restart: "**after a restart**",
};

/** A page of the documentation with the table of keys as they are now. */
export function withReloadTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page needs ${begin} and ${end}`);
  const rows = reloadKeys.map(({ key, kind, effect }) => `| \`${key}\` | ${counts[kind]} | ${effect} |`);
  const table = ["| key and everything below | a change counts | |", "| --- | --- | --- |", ...rows].join("\n");
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}
