import type { z } from "zod";
import { invalid } from "./api-error.ts";

/** A body of this form. Throws the first thing that is wrong with it, with its place in OpenAI's spelling. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues.map(innermost);
  const param = issue?.path.reduce<string>(
    (path, key) => (typeof key === "number" ? `${path}[${key}]` : path === "" ? String(key) : `${path}.${String(key)}`),
    "",
  );
  throw invalid(param ?? "", `${param ? `${param}: ` : ""}${issue?.message ?? "the body cannot be read"}`);
}

type Issue = z.core.$ZodIssue;

/** Of a union the branch that came furthest says most about what was meant. */
function innermost(issue: Issue): Issue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const depthOf = (branch: readonly Issue[]): number => Math.max(0, ...branch.map(({ path }) => path.length));
  const [closest] = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a));
  const [first] = closest ?? [];
  if (!first || first.path.length === 0) return issue;
  return innermost({ ...first, path: [...issue.path, ...first.path] });
}
