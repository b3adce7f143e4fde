/** The newest items, oldest first, whose JSON together stays within `maxBytes`; characters count as bytes. */
export function newestWithin<T>(items: readonly T[], maxBytes: number, valueOf: (item: T) => unknown = (item) => item) {
  let bytes = 0;
  const from = items.findLastIndex((item) => (bytes += JSON.stringify(valueOf(item)).length) > maxBytes);
  return items.slice(from + 1);
}
