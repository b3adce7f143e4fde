import type { MediaLimits } from "./media-limits.ts";
import type { ReadPdf } from "./read-pdf.ts";
import { refuseMedia } from "./refusal.ts";

const pdfType = "application/pdf";
/** The same kind under other names. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["text/x-markdown", "text/markdown"],
  ["application/csv", "text/csv"],
  ["text/json", "application/json"],
  ["application/x-pdf", pdfType],
]);
const byExtension: ReadonlyMap<string, string> = new Map([
  ["txt", "text/plain"],
  ["log", "text/plain"],
  ["md", "text/markdown"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["pdf", pdfType],
]);

export type Document = { bytes: Uint8Array; saidType: string | undefined; fileName: string };

/** What a document is: a PDF by its bytes, anything else by what its sender says, or by its name. */
export function documentTypeOf({ bytes, saidType, fileName }: Document): string {
  if (Buffer.from(bytes.subarray(0, 5)).toString("latin1") === "%PDF-") return pdfType;
  const said = saidType === "application/octet-stream" ? undefined : saidType;
  const extension = /\.([a-z0-9]{1,8})$/i.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const type = said ?? byExtension.get(extension) ?? "text/plain";
  return otherNames.get(type) ?? type;
}

/** The text of a document, framed so that a model can tell it from what a person says. */
export async function documentText(
  document: Document,
  { maxChars, allowedTypes, pdf }: MediaLimits["files"],
  readPdf: ReadPdf,
  at: string,
): Promise<string> {
  const type = documentTypeOf(document);
  if (!allowedTypes.has(type)) throw refuseMedia(at, `Unsupported file MIME type: ${type}`);
  const { text, notes } =
    type === pdfType ? await textOfPdf(document, maxChars, pdf, readPdf, at) : textOf(document, type, maxChars, at);
  const name = document.fileName;
  return [`[file ${name}]`, text, ...notes.map((note) => `[${note}]`), `[end of file ${name}]`].join("\n");
}

type Shown = { text: string; notes: string[] };

async function textOfPdf(
  { bytes }: Document,
  maxChars: number,
  { maxPages, timeoutMs }: MediaLimits["files"]["pdf"],
  readPdf: ReadPdf,
  at: string,
): Promise<Shown> {
  const read = await readPdf({ bytes, maxPages, maxChars, timeoutMs });
  if ("problem" in read) throw refuseMedia(at, `the PDF could not be read: ${read.problem}`);
  const { pages, pagesRead } = read;
  const { text, notes } = clipped(read.text, maxChars);
  if (pagesRead < pages) notes.push(`pages ${pagesRead + 1} to ${pages} are left out`);
  if (text.trim() === "") notes.push("the pages have no text; pictures of pages are not read");
  return { text, notes };
}

function textOf({ bytes }: Document, type: string, maxChars: number, at: string): Shown {
  const encoding = encodingOf(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (text.includes("\0")) throw new TypeError("binary");
    return clipped(text, maxChars);
  } catch {
    throw refuseMedia(at, `the content is not text, although it is said to be ${type}`);
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** Never ends in half a character. */
function clipped(text: string, maxChars: number): Shown {
  if (text.length <= maxChars) return { text, notes: [] };
  const short = text.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, "");
  return { text: short, notes: ["the rest is left out"] };
}
