/** Wraps text in a colour or weight, or leaves it alone where colours are off. */
export type Style = Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>;

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export function createStyle(hasColours: boolean): Style {
  const wrap =
    ([on, off]: readonly [number, number]) =>
    (text: string): string =>
      hasColours && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    bold: wrap(codes.bold),
    dim: wrap(codes.dim),
    red: wrap(codes.red),
    green: wrap(codes.green),
    yellow: wrap(codes.yellow),
    cyan: wrap(codes.cyan),
  };
}

/** Colours are for terminals, unless NO_COLOR is set to anything. */
export function wantsColours(isTty: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  return isTty && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
}
