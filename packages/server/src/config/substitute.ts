import type { ConfigIssue } from "@openclaw-gateway/protocol";
import type { Environment } from "./paths.ts";

/** Capital letters only, as such variables are written: `${name}` is text that belongs to some template. */
const reference = /\$?\$\{([A-Z_][A-Z0-9_]*)\}/g;

/** Replaces `${NAME}` in every string by the environment's value; `$${NAME}` stays as `${NAME}`. A missing one is an issue. */
export function substituteEnvironment(
  value: unknown,
  environment: Environment,
  issues: ConfigIssue[],
  path = "",
): unknown {
  if (typeof value === "string") {
    return value.replace(reference, (match, name: string) => {
      if (match.startsWith("$$")) return match.slice(1);
      const found = environment[name];
      if (found === undefined || found === "") {
        issues.push({
          path,
          message: `environment variable ${name} is not set; set it, or write the value instead of \${${name}}`,
        });
        return "";
      }
      return found;
    });
  }
  if (Array.isArray(value))
    return value.map((member, index) => substituteEnvironment(member, environment, issues, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      substituteEnvironment(member, environment, issues, path === "" ? key : `${path}.${key}`),
    ]),
  );
}
