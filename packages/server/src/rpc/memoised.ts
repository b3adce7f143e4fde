/** Rebuilds an answer only when what it is made from is another object. */
export function memoised<Source extends object, Answer>(
  source: () => Source,
  build: (from: Source) => Answer,
): () => Answer {
  let last: { from: Source; answer: Answer } | undefined;
  return () => {
    const from = source();
    if (last?.from !== from) last = { from, answer: build(from) };
    return last.answer;
  };
}
