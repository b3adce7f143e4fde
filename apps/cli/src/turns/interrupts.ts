/** Calls `onInterrupt` for each Ctrl+C with how many there were; gives the signal back at the end. */
export async function withInterrupts<T>(onInterrupt: (count: number) => void, work: () => Promise<T>): Promise<T> {
  let count = 0;
  const listener = (): void => onInterrupt(++count);
  process.on("SIGINT", listener);
  try {
    return await work();
  } finally {
    process.off("SIGINT", listener);
  }
}
