import { parentPort, workerData } from "node:worker_threads";
import { getDocumentProxy } from "unpdf";

export type PdfOrder = { bytes: Uint8Array; maxPages: number; maxChars: number };
export type PdfReport = { text: string; pages: number; pagesRead: number } | { problem: string };

const problems: Readonly<Record<string, string>> = {
  PasswordException: "it is locked with a password",
  InvalidPDFException: "it is damaged",
};

/** The text of the first pages, in the order of the document, with an empty line between pages. */
async function read({ bytes, maxPages, maxChars }: PdfOrder): Promise<PdfReport> {
  const pdf = await getDocumentProxy(bytes, { useSystemFonts: false, verbosity: 0 });
  const texts: string[] = [];
  let chars = 0;
  let pagesRead = 0;
  while (pagesRead < Math.min(pdf.numPages, maxPages) && chars <= maxChars) {
    const page = await pdf.getPage(++pagesRead);
    const { items } = await page.getTextContent();
    const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
    texts.push(text);
    chars += text.length;
    page.cleanup();
  }
  return { text: texts.join("\n\n"), pages: pdf.numPages, pagesRead };
}

read(workerData as PdfOrder).then(
  (report) => parentPort?.postMessage(report),
  (error: unknown) => {
    const name = error instanceof Error ? error.name : "";
    parentPort?.postMessage({ problem: problems[name] ?? "it is damaged" } satisfies PdfReport);
  },
);
