/** What a metric has to keep, alone or beside the limit of the same run. */
export type Budget =
  | { is: "at-most"; value: number }
  | { is: "at-least"; value: number }
  | { is: "at-least-of-limit"; share: number }
  | { is: "at-most-of-limit"; times: number };

export const atMost = (value: number): Budget => ({ is: "at-most", value });
export const atLeast = (value: number): Budget => ({ is: "at-least", value });
export const atLeastOfLimit = (share: number): Budget => ({ is: "at-least-of-limit", share });
export const atMostOfLimit = (times: number): Budget => ({ is: "at-most-of-limit", times });

export function isMet(budget: Budget, ours: number, limit: number | undefined): boolean {
  switch (budget.is) {
    case "at-most":
      return ours <= budget.value;
    case "at-least":
      return ours >= budget.value;
    case "at-least-of-limit":
      return ours >= (limit ?? Number.NaN) * budget.share;
    case "at-most-of-limit":
      return ours <= (limit ?? Number.NaN) * budget.times;
    default:
      return budget satisfies never;
  }
}

export function describeBudget(budget: Budget): string {
  switch (budget.is) {
    case "at-most":
      return `<= ${budget.value.toLocaleString("en")}`;
    case "at-least":
      return `>= ${budget.value.toLocaleString("en")}`;
    case "at-least-of-limit":
      return `>= 1/${Math.round(1 / budget.share)} of limit`;
    case "at-most-of-limit":
      return `<= ${budget.times} x limit`;
    default:
      return budget satisfies never;
  }
}
