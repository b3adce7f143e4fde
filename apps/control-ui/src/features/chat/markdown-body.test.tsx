import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { MarkdownBody } from "./markdown-body.tsx";
import { safeLink } from "./safe-link.ts";
import { hostileMarkdown } from "./testing/hostile-markdown.ts";

const render = (text: string): string => renderToStaticMarkup(<MarkdownBody text={text} />);
/** React escapes `<` and `>` in text and attributes, so what looks like a tag is one. */
const tagsOf = (html: string): string[] => html.match(/<[a-z][^>]*>/gi) ?? [];
const allowedTags =
  /^<(div|p|a|span|code|pre|button|svg|path|em|strong|del|ul|ol|li|h[1-6]|blockquote|hr|br|table|thead|tbody|tr|th|td|input|section|sup)\b/;

describe("hostile markdown", () => {
  test.each(hostileMarkdown.map((text) => [text]))("%s", (text) => {
    const tags = tagsOf(render(text));
    for (const tag of tags) {
      expect(tag).toMatch(allowedTags);
      expect(tag).not.toMatch(/\son\w+\s*=/i);
      expect(tag).not.toMatch(
        /\s(src|srcset|srcdoc|poster|background|data|action|formaction|ping|style|xlink:href)\s*=/i,
      );
    }
    for (const tag of tags.filter((each) => /\shref=/i.test(each))) {
      expect(tag).toMatch(/\shref="(https?:\/\/|mailto:)/);
      expect(tag).toContain('rel="noopener noreferrer"');
    }
  });
});

describe("markdown", () => {
  test("images are links, not loads", () => {
    const html = render("![a chart](https://example.com/chart.png)");
    expect(html).not.toContain("<img");
    expect(html).toContain('href="https://example.com/chart.png"');
    expect(html).toContain("a chart");
  });

  test("raw HTML is shown as the text it is", () => {
    expect(render("<b onclick=alert(1)>hi</b>")).toContain("&lt;b onclick=alert(1)&gt;hi");
  });

  test("code keeps its characters and its language", () => {
    const html = render("```ts\nconst a = 1 < 2;\n```");
    expect(html).toContain("const a = 1 &lt; 2;");
    expect(html).toContain(">ts<");
  });

  test("tables, lists and emphasis are elements", () => {
    const html = render("| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n**bold** ~~gone~~");
    for (const tag of ["<table>", "<td>", "<input", "<strong>", "<del>"]) expect(html).toContain(tag);
  });
});

describe("safeLink", () => {
  test.each([
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["HTTP://EXAMPLE.com", "http://example.com/"],
    ["mailto:a@example.com", "mailto:a@example.com"],
    ["javascript:alert(1)", undefined],
    ["java\nscript:alert(1)", undefined],
    ["\u0001javascript:alert(1)", undefined],
    ["data:text/html,x", undefined],
    ["vbscript:x", undefined],
    ["blob:https://example.com/1", undefined],
    ["file:///etc/passwd", undefined],
    ["//evil.example/x", undefined],
    ["/api/delete", undefined],
    ["#token=x", undefined],
    ["?gatewayUrl=ws://evil.example", undefined],
    ["https://bank.example@evil.example/", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j", (address, expected) => {
    expect(safeLink(address)).toBe(expected);
  });
});
