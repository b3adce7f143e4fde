import type { OutputReference, Result } from "@openclaw-gateway/protocol";
import { useRef, useState } from "react";
import { useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { sizeText } from "./size-text.ts";

type Page = Result<"chat.output.get">;

/** The rest of an output that is too large for the transcript: opened in its place, one part at a time. */
export function StoredOutput({ reference: { id, kind, bytes } }: { reference: OutputReference }) {
  const { chat } = useController();
  const [page, setPage] = useState<Page>();
  /** Where the parts before this one begin. */
  const [before, setBefore] = useState<readonly number[]>([]);
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const text = useRef<HTMLPreElement>(null);

  async function open(offset: number, behind: readonly number[]): Promise<void> {
    if (!chat || isLoading) return;
    setLoading(true);
    try {
      setPage(await chat.output(id, offset));
      setBefore(behind);
      setProblem(undefined);
      text.current?.scrollTo({ top: 0 });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setLoading(false);
    }
  }

  const size = sizeText(bytes);
  if (kind === "image") return <p className="text-muted">An image of {size} is kept apart.</p>;
  return (
    <div className="mt-2.5" data-output={id}>
      {page === undefined ? (
        <p className="flex flex-wrap items-center gap-2 text-muted">
          <span className="flex-1 basis-40">This is the beginning of {size}.</span>
          <Button disabled={isLoading} onClick={() => void open(0, [])}>
            Show all of it
          </Button>
        </p>
      ) : (
        <>
          <div className="mb-1 flex items-center gap-2 text-xs text-muted">
            <span className="flex-1" role="status">
              {sizeText(page.offset)} to {sizeText(page.nextOffset ?? page.bytes)} of {size}
            </span>
            <CopyButton label="Copy this part" text={page.text} />
          </div>
          <pre
            aria-label="Stored output"
            className="max-h-96 overflow-auto rounded-lg bg-code p-2.5 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap"
            ref={text}
            tabIndex={0}
          >
            {page.text}
          </pre>
          <div className="mt-2 flex flex-wrap gap-2">
            <Button
              disabled={isLoading || before.length === 0}
              onClick={() => void open(before.at(-1) ?? 0, before.slice(0, -1))}
            >
              Previous part
            </Button>
            <Button
              disabled={isLoading || page.nextOffset === undefined}
              onClick={() => void open(page.nextOffset ?? 0, [...before, page.offset])}
            >
              Next part
            </Button>
            <Button look="quiet" onClick={() => setPage(undefined)}>
              Close
            </Button>
          </div>
        </>
      )}
      {isLoading && <Spinner label="Loading the output" />}
      {problem !== undefined && (
        <p className="mt-2 rounded-lg bg-danger-soft p-2" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
