/** Whether a value from JSON has at most so many arrays and objects in each other. Does not use the stack. */
export function isWithinDepth(value: unknown, maxDepth: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth++) {
    const inner = level.filter((each) => typeof each === "object" && each !== null);
    if (inner.length === 0) return true;
    if (depth === maxDepth) return false;
    level = inner.flatMap((each) => Object.values(each) as unknown[]);
  }
}
