/**
 * Text of a model, a log or another client may hold control sequences that would steer the terminal. Only line breaks
 * and tabs stay.
 */
export function plain(text: string): string {
  // oxlint-disable-next-line eslint/no-control-regex -- these are what is taken out
  return text.replace(/\r\n/g, "\n").replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, "");
}

/** The same on one line: for cells of a table and for errors. */
export function plainLine(text: string): string {
  return plain(text).replace(/\s+/g, " ").trim();
}
