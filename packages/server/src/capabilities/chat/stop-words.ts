/** A message that is one of these, alone, stops the runs of its session instead of starting one. */
const stopWords: ReadonlySet<string> = new Set(["/stop", "stop", "esc", "abort", "wait", "exit", "interrupt"]);

export const isStopMessage = (message: string): boolean => stopWords.has(message.trim().toLowerCase());
