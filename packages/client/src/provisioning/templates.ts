import type { AgentFileName } from "@openclaw-gateway/protocol";
import { Liquid, LiquidError } from "liquidjs";

/** Texts of an agent's files in Liquid: `{{ agent.name }}`, `{% if … %}`, `{% for … %}`. */
export type AgentTemplates = Readonly<Partial<Record<AgentFileName, string>>>;

export type RenderedFile = { name: AgentFileName; content: string };

/** Why a template cannot be rendered; `variable` is set when nobody gave it a value. Lines and columns count from 1. */
export type TemplateProblem = {
  file: AgentFileName;
  line: number;
  column: number;
  variable: string | undefined;
  message: string;
};

/** At least one template cannot be rendered; one problem for each such file. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly problems: readonly TemplateProblem[];
  constructor(problems: readonly TemplateProblem[], options?: ErrorOptions) {
    super(problems.map(({ message }) => message).join("; "), options);
    this.problems = problems;
  }
}

/** A template is text for a prompt. These stop one that a mistake made endless. */
const bounds = { parseLimit: 4_000_000, memoryLimit: 50_000_000, renderLimit: 5_000 };

/**
 * Renders templates, all or none. Every variable and filter must be known, values are data only, and no template
 * reaches a file. Throws `TemplateError` naming file, line and variable.
 */
export function renderTemplates(
  templates: AgentTemplates,
  variables: Readonly<Record<string, unknown>>,
): RenderedFile[] {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // Without it `render` and `include` would read from the disk.
    templates: {},
    ...bounds,
  });
  const problems: TemplateProblem[] = [];
  const rendered: RenderedFile[] = [];
  for (const [name, template] of Object.entries(templates)) {
    // The type of the record says so; `Object.entries` forgets it.
    const file = name as AgentFileName;
    try {
      const content: unknown = liquid.parseAndRenderSync(template, { ...variables });
      rendered.push({ name: file, content: String(content) });
    } catch (error) {
      problems.push(problemOf(file, error));
    }
  }
  if (problems.length > 0) throw new TemplateError(problems);
  return rendered;
}

function problemOf(file: AgentFileName, error: unknown): TemplateProblem {
  if (!LiquidError.is(error)) throw error;
  const [line = 1, column = 1] = error.token.getPosition();
  const text = error.message.replace(/, (file:.*, )?line:\d+, col:\d+$/s, "");
  const variable = /^undefined variable: (.+)$/s.exec(text)?.[1];
  const what = variable === undefined ? text : `nobody gave "${variable}" a value`;
  return { file, line, column, variable, message: `${file}:${line}:${column}: ${what}` };
}
