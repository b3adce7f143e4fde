const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char);

/**
 * What `whole` says after `told`. White space between the parts does not count, because stored parts may be trimmed. A
 * text that does not begin with what was told is returned as it is: saying a thing twice is better than losing it.
 */
export function textAfter(whole: string, told: string): string {
  let at = 0;
  for (let index = 0; index < told.length; index++) {
    if (isSpace(told[index])) continue;
    while (isSpace(whole[at])) at++;
    // The snapshot may be older than the transcript.
    if (at >= whole.length) return "";
    if (whole[at] !== told[index]) return whole;
    at++;
  }
  if (told === "") return whole;
  return whole.slice(at).trimStart();
}
