import axe from "axe-core";
import type { Page } from "playwright-core";

/** What the rules of WCAG 2.2 AA and good practice find wrong, as lines. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const scanner = Reflect.get(window, "axe") as typeof axe;
    const results = await scanner.run(document, { resultTypes: ["violations"] });
    return results.violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
