import { plain } from "./plain.ts";

/** Prints a text that grows. It is told the whole text each time and prints what is new. */
export interface StreamPrinter {
  show(text: string): void;
  /** A line between the text, such as a note about a tool. */
  note(line: string): void;
  /** Ends the last line. Says whether anything was printed. */
  end(): boolean;
}

export function createStreamPrinter(out: (text: string) => void): StreamPrinter {
  let shown = "";
  let isAtLineStart = true;
  let hasPrinted = false;
  let isAfterNote = false;

  function write(piece: string): void {
    // The note has ended the paragraph already.
    const text = isAfterNote ? piece.replace(/^\n+/, "\n") : piece;
    if (text === "") return;
    isAfterNote = false;
    out(text);
    isAtLineStart = text.endsWith("\n");
    hasPrinted = true;
  }
  function endLine(): void {
    if (!isAtLineStart) write("\n");
  }

  return {
    show: (whole) => {
      const text = plain(whole);
      if (text.startsWith(shown)) write(text.slice(shown.length));
      else {
        // The model began anew (retry, another model): what stands there is void.
        endLine();
        write(text);
      }
      shown = text;
    },
    note: (line) => {
      endLine();
      write(`${line}\n`);
      isAfterNote = true;
    },
    end: () => {
      endLine();
      return hasPrinted;
    },
  };
}
