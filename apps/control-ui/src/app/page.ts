import type { AppAction } from "./actions.ts";
import type { PageName } from "./route.ts";

/** Which page is shown. */
export function reducePage(page: PageName, action: AppAction): PageName {
  return action.type === "page-opened" ? action.page : page;
}
