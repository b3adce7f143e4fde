/** The file that a message asks to read: `read NOTES.md`, `please read the file notes/today`. */
export function fileToRead(message: string): string | undefined {
  const quoted = /\bread\b[^"'`\n]{0,40}["'`]([^"'`\n]+)["'`]/i.exec(message)?.[1];
  if (quoted !== undefined) return quoted.trim() || undefined;
  const named =
    /\bread\b(?:\s+(?:me|the|my|our|a|contents?|of|from))*\s+(?:file|document)s?\s+(?:named\s+|called\s+)?(\S+)/i.exec(
      message,
    )?.[1];
  const plain = /\bread\b(?:\s+(?:me|the|my|our))*\s+(\S*[./]\S*)/i.exec(message)?.[1];
  const path = (named ?? plain)?.replace(/[.,;:!?)]+$/, "");
  return path || undefined;
}
