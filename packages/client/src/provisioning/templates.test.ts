import { describe, expect, test } from "vitest";
import { type AgentTemplates, renderTemplates, TemplateError } from "./templates.ts";

function problemsOf(templates: AgentTemplates, variables: Record<string, unknown> = {}) {
  try {
    renderTemplates(templates, variables);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  return expect.unreachable("it was rendered");
}

describe("templates", () => {
  test("values, conditions and lists", () => {
    const template =
      "# {{ agent.name }}\n{% if isLead %}You lead {% endif %}{% for one in team %}{{ one }}, {% endfor %}\n";
    const variables = { agent: { name: "Ada <&>" }, isLead: true, team: ["Bo", "Cy"] };
    expect(renderTemplates({ "SOUL.md": template }, variables)).toEqual([
      { name: "SOUL.md", content: "# Ada <&>\nYou lead Bo, Cy, \n" },
    ]);
  });

  test("an unknown variable is told with file, line and name", () => {
    const error = problemsOf({ "TOOLS.md": "one\ntwo\n  {{ gateway.token }}\n" }, { gateway: {} });
    expect(error.message).toBe('TOOLS.md:3:6: nobody gave "gateway.token" a value');
    expect(error.problems).toMatchObject([{ file: "TOOLS.md", line: 3, column: 6, variable: "gateway.token" }]);
  });

  test("every file that cannot be rendered is told", () => {
    const templates = { "SOUL.md": "{{ one }}", "USER.md": "fine", "AGENTS.md": "\n{% if two %}x{% endif %}" };
    expect(problemsOf(templates).problems.map(({ file, line, variable }) => [file, line, variable])).toEqual([
      ["SOUL.md", 1, "one"],
      ["AGENTS.md", 2, "two"],
    ]);
  });

  test.each([
    ["an unknown filter", "{{ name | nope }}", "undefined filter: nope"],
    ["a tag that never ends", "{% if name", "not closed"],
    ["a block that never ends", "{% if name %}", "not closed"],
    ["an unknown tag", "{% exec 'ls' %}", "exec"],
    ["a file of the machine", "{% include '/etc/hostname' %}", "/etc/hostname"],
    ["a file of the machine, rendered", "{% render '../package.json' %}", "package.json"],
    ["a list without end", "{% for i in (1..100000000) %}x{% endfor %}", "memory"],
  ])("%s", (_, template, text) => {
    const { problems } = problemsOf({ "SOUL.md": template }, { name: "x" });
    expect(problems).toMatchObject([
      { file: "SOUL.md", line: 1, variable: undefined, message: expect.stringContaining(text) },
    ]);
  });

  test.each(["constructor", "__proto__", "o.constructor", "o.toString", "o.__proto__", "list.constructor"])(
    "%s is no variable",
    (name) => {
      const { problems } = problemsOf({ "SOUL.md": `{{ ${name} }}` }, { o: {}, list: [] });
      expect(problems).toMatchObject([{ variable: name }]);
    },
  );

  test("a value that looks like a template stays text", () => {
    const [file] = renderTemplates({ "USER.md": "{{ name }}" }, { name: "{{ secret }}{% if x %}" });
    expect(file?.content).toBe("{{ secret }}{% if x %}");
  });

  test("a value that is undefined is not given", () => {
    expect(problemsOf({ "USER.md": "{{ name }}" }, { name: undefined }).problems).toMatchObject([{ variable: "name" }]);
  });
});
