import { isValidElement, memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { safeLink } from "./safe-link.ts";
import { splitBlocks } from "./split-blocks.ts";

const plugins = [remarkGfm];

const components: Components = {
  a: ({ href, children }) => <OutsideLink href={href}>{children}</OutsideLink>,
  // An image is a request to somebody else's server, made without asking: it is shown as the link it is.
  img: ({ src, alt }) => (
    <OutsideLink href={typeof src === "string" ? src : undefined}>
      <Icon className="mr-1 inline size-4 align-text-bottom" name="link" />
      {alt || "image"}
    </OutsideLink>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div aria-label="Table" className="overflow-x-auto" role="region" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => (
    <input
      aria-label={checked ? "done" : "to do"}
      checked={checked ?? false}
      className="mr-1.5"
      disabled
      readOnly
      type="checkbox"
    />
  ),
};

/** Markdown of a model, without raw HTML, without loads, with harmless links. */
export function MarkdownBody({ text }: { text: string }) {
  return (
    <div className="prose">
      {splitBlocks(text).map((block, index) => (
        // Blocks only ever grow at the end.
        <Block key={index} markdown={block} />
      ))}
    </div>
  );
}

const Block = memo(({ markdown }: { markdown: string }) => (
  <div className="prose">
    <ReactMarkdown
      components={components}
      remarkPlugins={plugins}
      skipHtml={false}
      urlTransform={(url) => safeLink(url)}
    >
      {markdown}
    </ReactMarkdown>
  </div>
));

function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const address = safeLink(href);
  if (address === undefined) return <span>{children}</span>;
  return (
    <a href={address} rel="noopener noreferrer" target="_blank" title={address}>
      {children}
    </a>
  );
}

function CodeBlock({ children }: { children: ReactNode }) {
  const { text, language } = readCode(children);
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-code">
      <div className="flex h-9 items-center justify-between border-b border-line pr-1 pl-3.5">
        <span className="font-mono text-xs text-muted">{language || "text"}</span>
        <CopyButton label="Copy code" text={text} />
      </div>
      <pre className="overflow-x-auto p-3.5 font-mono text-[0.8125rem] leading-relaxed" tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}

function readCode(children: ReactNode): { text: string; language: string } {
  if (!isValidElement<{ className?: unknown; children?: unknown }>(children))
    return { text: typeof children === "string" ? children : "", language: "" };
  const { className, children: content } = children.props;
  const language = typeof className === "string" ? (/language-(\S+)/.exec(className)?.[1] ?? "") : "";
  return { text: (typeof content === "string" ? content : "").replace(/\n$/, ""), language };
}
