import { type IncomingHttpHeaders, request } from "node:http";
import { brief, compare, type Difference } from "./compare.ts";
import { at, isObject, textAt } from "./json.ts";
import type { Line } from "./transcript.ts";

/** What came back over HTTP; a stream is its events' data. */
type Answer = {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
};

/** Headers whose value is part of what clients see. */
const compared = ["content-type", "allow", "cache-control"];

export type HttpMismatch = Pick<Difference, "path" | "expected" | "actual"> & { kind: Difference["kind"] | "close" };

/** The requests of a recording over HTTP, one after the other, each with what came back. */
export function createHttpReplay(port: number) {
  const asked = new Map<string, { about: string; answer: Promise<Answer>; recordedChunks: string[] }>();

  return {
    /**
     * Plays one line. Returns what the line was about and how it differs, when it tells the end of an answer.
     */
    play: async ({ conn, frame }: Line): Promise<{ about: string; mismatches: HttpMismatch[] } | undefined> => {
      const sent = at(frame, "request");
      if (isObject(sent)) {
        const [method, path] = [textAt(sent, "method") ?? "GET", textAt(sent, "path") ?? "/"];
        const answer = ask(port, method, path, headersOf(sent), bodyOf(at(sent, "body")));
        // Asked for below; a failure is told there.
        answer.catch(() => undefined);
        asked.set(conn, { about: `${method} ${path}`, answer, recordedChunks: [] });
        return undefined;
      }
      const exchange = asked.get(conn);
      if (!exchange) throw new Error(`line of ${conn} without a request`);
      const chunk = textAt(frame, "chunk");
      if (chunk !== undefined) {
        exchange.recordedChunks.push(chunk);
        return undefined;
      }
      const answer = await exchange.answer.catch((error: unknown) => String(error));
      const { about, recordedChunks } = exchange;
      const broke = textAt(frame, "error") ?? textAt(frame, "rawResponse");
      if (broke !== undefined) {
        const actual = typeof answer === "string" ? answer : `${answer.status} ${answer.body}`;
        return { about, mismatches: [{ kind: "close", path: "", expected: broke.trim(), actual }] };
      }
      const recorded = at(frame, "response");
      if (typeof answer === "string")
        return { about, mismatches: [{ kind: "close", path: "", expected: brief(recorded), actual: answer }] };
      return { about, mismatches: differences(recorded, recordedChunks, answer) };
    },
  };
}

function differences(recorded: unknown, chunks: readonly string[], answer: Answer): HttpMismatch[] {
  const status = at(recorded, "status");
  if (status !== answer.status) {
    const expected = brief({ status, body: at(recorded, "body"), ...(chunks.length > 0 && { chunks }) });
    return [{ kind: "value", path: "status", expected, actual: `${answer.status} ${answer.body}` }];
  }
  const wanted = at(recorded, "headers");
  const headers = compared.flatMap((name): HttpMismatch[] => {
    const expected = textAt(wanted, name);
    const actual = answer.headers[name] ?? "nothing";
    return expected === undefined || plainType(expected) === plainType(actual)
      ? []
      : [{ kind: "value", path: `headers.${name}`, expected, actual }];
  });
  if (chunks.length > 0) return [...headers, ...streamDifferences(chunks.join(""), answer.body)];
  const body = at(recorded, "body");
  const actual = isObject(body) ? parsed(answer.body) : answer.body;
  // Pages differ; that there is one is told by its type.
  const isPage = textAt(wanted, "content-type")?.startsWith("text/html") ?? false;
  return isPage ? headers : [...headers, ...compare(body, actual, "body")];
}

/** The first pieces, the text as a whole, and how the stream ends. */
function streamDifferences(recorded: string, actual: string): HttpMismatch[] {
  const [wanted, came] = [dataOf(recorded), dataOf(actual)];
  const forms = wanted
    .slice(0, 2)
    .filter((data) => data !== "[DONE]")
    .flatMap((data, index) =>
      compare(withoutText(parsed(data)), withoutText(parsed(came[index] ?? "null")), `data[${index}]`),
    );
  const [wantedText, text] = [textOf(wanted), textOf(came)];
  return [
    ...forms,
    ...(wantedText === text ? [] : [{ kind: "value" as const, path: "text", expected: wantedText, actual: text }]),
    ...(wanted.at(-1) === came.at(-1)
      ? []
      : [{ kind: "value" as const, path: "data[last]", expected: wanted.at(-1) ?? "", actual: came.at(-1) ?? "" }]),
  ];
}

const dataOf = (stream: string): string[] => [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data);

const deltaOf = (data: string): unknown => {
  const choices = at(parsed(data), "choices");
  return Array.isArray(choices) ? at(choices[0], "delta") : undefined;
};
const textOf = (data: readonly string[]): string => data.map((each) => textAt(deltaOf(each), "content") ?? "").join("");

/** How a text is cut into pieces is nobody's business. */
const withoutText = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === "content" ? "<text>" : inner)));

const plainType = (type: string): string => type.toLowerCase().replaceAll(/\s/g, "");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const headersOf = (sent: unknown): Record<string, string> => {
  const headers = at(sent, "headers");
  return isObject(headers)
    ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    : {};
};

/** A body that the recording only describes by its length. */
function bodyOf(recorded: unknown): string | undefined {
  if (recorded === undefined) return undefined;
  if (typeof recorded !== "string") return JSON.stringify(recorded);
  const [, bytes] = /^<(\d+) bytes>$/.exec(recorded) ?? [];
  return bytes === undefined ? recorded : JSON.stringify("x".repeat(Number(bytes) - 2));
}

function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ port, host: "127.0.0.1", method, path, headers, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: textsOf(response.headers), body: text }),
    );
    response.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

const textsOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
