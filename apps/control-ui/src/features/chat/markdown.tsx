import { lazy, Suspense } from "react";

const loadBody = () => import("./markdown-body.tsx");
const Body = lazy(() => loadBody().then(({ MarkdownBody }) => ({ default: MarkdownBody })));

/** Fetches the renderer before the first answer needs it. */
export function preloadMarkdown(): void {
  loadBody().catch(() => {
    // Tried again when it is needed.
  });
}

/** Markdown; the plain text until its renderer is there. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="break-words whitespace-pre-wrap">{text}</p>}>
      <Body text={text} />
    </Suspense>
  );
}
