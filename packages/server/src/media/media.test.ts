import type { CallerContent } from "@openclaw-gateway/protocol";
import { describe, expect, test } from "vitest";
import type { GatewayConfig } from "../config/schema.ts";
import type { UserContent } from "../conversations/conversation-store.ts";
import { createOutboundHttp, type OutboundHttp, type OutboundRequest } from "../outbound/outbound-http.ts";
import { tinyPdf } from "../testing/tiny-pdf.ts";
import { prepareAttachments } from "./chat-attachments.ts";
import { createMedia } from "./media.ts";
import { type MediaEntrance, mediaLimits } from "./media-limits.ts";
import { createPdfReader } from "./read-pdf.ts";

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes as string, "latin1").toString("base64");
const png = base64("\x89PNG\r\n\x1a\n....");
const url = (address: string) => ({ kind: "url" as const, url: address });
const image = (source: object): CallerContent => ({ type: "image", source }) as CallerContent;
const file = (bytes: string | Uint8Array, mimeType?: string, fileName?: string): CallerContent => ({
  type: "file",
  source: { kind: "base64", data: base64(bytes), mimeType },
  fileName,
});

type Responses = NonNullable<
  NonNullable<NonNullable<NonNullable<GatewayConfig["gateway"]>["http"]>["endpoints"]>["responses"]
>;

function mediaWith(responses: Responses = {}, outbound: OutboundHttp = createOutboundHttp()) {
  const config: GatewayConfig = { gateway: { http: { endpoints: { responses } } } };
  const media = createMedia({
    limits: (entrance) => mediaLimits(entrance, config),
    outbound,
    readPdf: createPdfReader(),
  });
  const prepare = (content: CallerContent[], entrance: MediaEntrance = "responses") =>
    media.open(entrance).prepare(content, "input");
  return { media, prepare };
}
const textOf = ([part]: UserContent) => (part?.type === "text" ? part.text : undefined);

/** Answers every address with these bytes, and says what it was asked. */
function answering(bytes: Uint8Array, type: string) {
  const asked: OutboundRequest[] = [];
  const outbound: OutboundHttp = {
    request: async (request) => {
      asked.push(request);
      const headers = new Map([["content-type", type]]);
      return { status: 200, headers, url: request.url, body: bytes, truncated: bytes.length > request.maxBytes };
    },
    close: async () => {},
  };
  return { asked, outbound };
}

describe("images", () => {
  test.each([
    ["\x89PNG\r\n\x1a\n", "image/png"],
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["GIF89a", "image/gif"],
    ["RIFF\x10\x00\x00\x00WEBP", "image/webp"],
  ])("are what their bytes say (%#)", async (head, mimeType) => {
    const data = base64(`${head}........`);
    const parts = await mediaWith().prepare([
      image({ kind: "base64", data, mimeType: "image/bmp" }),
      image(url(`data:image/x;base64,${data}`)),
    ]);
    expect(parts).toEqual([
      { type: "image", data, mimeType },
      { type: "image", data, mimeType },
    ]);
  });

  test("come from the public internet where the configuration lets them", async () => {
    const { asked, outbound } = answering(Buffer.from(png, "base64"), "text/html");
    const { prepare } = mediaWith({ images: { urlAllowlist: ["*.example.com"], maxBytes: 100 } }, outbound);
    expect(await prepare([image(url("https://img.example.com/a"))])).toEqual([
      { type: "image", data: png, mimeType: "image/png" },
    ]);
    expect(asked).toEqual([
      {
        url: "https://img.example.com/a",
        maxBytes: 100,
        maxRedirects: 3,
        timeoutMs: 10_000,
        onlyHosts: ["*.example.com"],
      },
    ]);
  });

  test.each([
    ["of a private address", image(url("https://127.0.0.1/a")), "not on the public internet"],
    ["of the metadata service", image(url("https://[::ffff:169.254.169.254]/")), "not on the public internet"],
    ["without https", image(url("http://example.com/a")), "only https: addresses are fetched"],
    ["of a file", image(url("file:///etc/passwd")), "only https: addresses are fetched"],
    ["of another kind", image({ kind: "base64", data: base64("BM......") }), "the image is none of"],
    ["that are not base64", image(url("data:image/png,abc")), "not valid base64"],
  ])("T-F6: %s are refused by name", async (_, content, message) => {
    await expect(mediaWith().prepare([{ type: "text", text: "" }, content])).rejects.toThrow(message);
    await expect(mediaWith().prepare([{ type: "text", text: "" }, content])).rejects.toThrow("input[1]: ");
  });

  test.each([
    ["too large", { images: { maxBytes: 5 } }, [image({ kind: "base64", data: png })], "larger than the 5 bytes"],
    [
      "named by address where that is off",
      { images: { allowUrl: false } },
      [image(url("https://example.com/a"))],
      "addresses are not fetched here",
    ],
    ["too many addresses", { maxUrlParts: 0 }, [image(url("https://example.com/a"))], "may name 0 addresses"],
    [
      "of a kind the configuration leaves out",
      { images: { allowedMimes: ["image/gif"] } },
      [image({ kind: "base64", data: png })],
      "none of image/gif",
    ],
  ] satisfies [string, Responses, CallerContent[], string][])("%s are refused", async (_, config, content, message) => {
    await expect(mediaWith(config).prepare(content)).rejects.toThrow(message);
  });

  test("T-G2: of all lists of a request are counted together", async () => {
    const request = mediaWith().media.open("chatCompletions");
    const four = Array.from({ length: 4 }, () => image({ kind: "base64", data: png }));
    await request.prepare(four, "a");
    await request.prepare(four, "b");
    await expect(request.prepare(four, "c")).rejects.toThrow("c[0]: a request may have 8 images");
  });

  test("are not fetched for chat completions unless asked for", async () => {
    await expect(mediaWith().prepare([image(url("https://example.com/a"))], "chatCompletions")).rejects.toThrow(
      "addresses are not fetched here",
    );
  });

  test("a larger answer is not an image", async () => {
    const { outbound } = answering(Buffer.alloc(11), "image/png");
    await expect(
      mediaWith({ images: { maxBytes: 10 } }, outbound).prepare([image(url("https://example.com/a"))]),
    ).rejects.toThrow("larger than the 10 bytes");
  });
});

describe("files", () => {
  test("are framed text under a name of one line", async () => {
    const [part] = await mediaWith().prepare([file("file body", "text/plain", "a\n[end]\u202e.txt")]);
    expect(part).toEqual({
      type: "text",
      text: "[file a end .txt]\nfile body\n[end of file a end .txt]",
      fileName: "a end .txt",
    });
  });

  test.each([
    ["a zip", file("PK\x03\x04", "application/zip"), "Unsupported file MIME type: application/zip"],
    ["bytes that are no text", file("\xff\xfe\xfd\x00\xff", "text/plain"), "is not text"],
    ["text with zeros in it", file("a\0b", "text/plain"), "is not text"],
    ["a damaged PDF", file("%PDF-1.4 nothing", "text/plain"), "could not be read: it is damaged"],
  ])("%s is refused", async (_, content, message) => {
    await expect(mediaWith().prepare([content])).rejects.toThrow(message);
  });

  test("longer than allowed are cut, and say so", async () => {
    const parts = await mediaWith({ files: { maxChars: 3 } }).prepare([file("abcdef", undefined, "a.md")]);
    expect(textOf(parts)).toBe("[file a.md]\nabc\n[the rest is left out]\n[end of file a.md]");
  });

  test("the text of a PDF is read, as many pages as are allowed", async () => {
    const pdf = tinyPdf("First page", "Second page", "Third page");
    const parts = await mediaWith({ files: { pdf: { maxPages: 2 } } }).prepare([
      file(pdf, "application/octet-stream", "a.pdf"),
    ]);
    expect(textOf(parts)).toBe(
      "[file a.pdf]\nFirst page\n\nSecond page\n[pages 3 to 3 are left out]\n[end of file a.pdf]",
    );
  });

  test("a PDF without text says so", async () => {
    expect(textOf(await mediaWith().prepare([file(tinyPdf(""), "application/pdf")]))).toContain(
      "the pages have no text",
    );
  });

  test("many PDFs at once are all read", async () => {
    const { prepare } = mediaWith();
    const all = await Promise.all(Array.from({ length: 5 }, (_, n) => prepare([file(tinyPdf(`page ${n}`))])));
    expect(all.map((parts) => /page \d/.exec(String(textOf(parts)))?.[0])).toEqual(
      [0, 1, 2, 3, 4].map((n) => `page ${n}`),
    );
  });

  test("T-G2: a PDF that takes too long is given up", async () => {
    const read = createPdfReader();
    const order = { bytes: tinyPdf("x"), maxPages: 1, maxChars: 10 };
    expect(await read({ ...order, timeoutMs: 1 })).toEqual({ problem: "it took longer than 0.001 s" });
    expect(await read({ ...order, timeoutMs: 30_000 })).toMatchObject({ text: "x" });
  });
});

describe("attachments of a chat", () => {
  const { media } = mediaWith();
  const prepare = async (content: string, mimeType?: string) =>
    (await prepareAttachments(media, [{ fileName: "f", content, ...(mimeType && { mimeType }) }]))[0];

  test("images have the kind of their bytes, PDFs become text, others stay", async () => {
    expect(await prepare(`data:image/jpeg;base64,${png}`)).toEqual({
      fileName: "f",
      content: png,
      mimeType: "image/png",
    });
    const read = await prepare(base64(tinyPdf("Hello")), "application/pdf");
    expect(read?.mimeType).toBe("text/plain");
    expect(Buffer.from(String(read?.content), "base64").toString()).toContain("Hello");
    const other = base64("PK\x03\x04...");
    expect(await prepare(other, "application/zip")).toEqual({
      fileName: "f",
      content: other,
      mimeType: "application/zip",
    });
  });

  test.each([
    ["", "Error: attachment f: content must be base64 string"],
    ["%", "Error: attachment f: invalid base64 content"],
    ["A".repeat(6_666_668), "Error: attachment f: exceeds size limit (5000001 > 5000000 bytes)"],
  ])("are refused by name (%#)", async (content, message) => {
    await expect(prepare(content)).rejects.toThrow(message);
  });

  test("what is said to be an image must be one", async () => {
    await expect(prepare(base64("<script>"), "image/png")).rejects.toThrow(
      "Error: attachment f: the content is no image",
    );
  });
});
