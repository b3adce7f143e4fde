import { type MethodSpec, methods } from "@openclaw-gateway/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startGatewayUnderTest, type GatewayUnderTest } from "../gateway-under-test.ts";
import { isObject, textAt } from "../json.ts";
import { connectSocket, type RawClient } from "../raw-client.ts";
import { call, connectParams, hello } from "../requests.ts";
import { differences } from "./differences.ts";
import { exampleOf } from "./examples.ts";
import { complaints, definitionOf, officialMethods, officialSchema } from "./schema.ts";
import { sweep, unswept } from "./sweep.ts";

type Finding = { about: string; complaint: string };

let gateway: GatewayUnderTest;
let client: RawClient;
const findings: Finding[] = [];
const judged = new Set<string>();
const refused: unknown[] = [];
const shared: [string, MethodSpec][] = Object.entries(methods).filter(([name]) => Object.hasOwn(officialMethods, name));

function judge(about: string, definition: string | undefined, value: unknown): void {
  if (definition === undefined) return;
  judged.add(about);
  for (const complaint of complaints(definition, value)) {
    if (!findings.some((known) => known.about === about && known.complaint === complaint))
      findings.push({ about, complaint });
  }
}

/** Our parameters as protocol 4 reads them: what is unknown is dropped. */
function judgeParams(name: string, { params }: MethodSpec): void {
  const definition = definitionOf(name, "params");
  if (definition === undefined) return;
  const ours = params instanceof z.ZodObject ? params.strip() : params;
  for (const fill of ["required", "all"] as const) {
    const example = exampleOf(officialSchema(definition), fill);
    // Rules between fields are not generated.
    if (complaints(definition, example).length > 0) continue;
    judged.add(`params of ${name}`);
    const parsed = ours.safeParse(example);
    for (const { path, code } of parsed.error?.issues ?? [])
      findings.push({ about: `params of ${name}`, complaint: `/${path.join("/")} ${code}` });
  }
}

beforeAll(async () => {
  gateway = await startGatewayUnderTest({ installation: "official" });
  client = await connectSocket(gateway.url);
  const payload = await hello(client, connectParams(4, gateway, { caps: ["tool-events"] }));
  judge("result of connect", definitionOf("connect", "result"), payload);
  for (const [method, params] of sweep) {
    const answer = await call(client, method, params);
    if (answer["ok"] === true) judge(`result of ${method}`, definitionOf(method, "result"), answer["payload"]);
    else refused.push({ method, error: answer["error"] });
  }
  for (const frame of client.received) {
    const event = textAt(frame, "event");
    judge("frame", event === undefined || event === "" ? "ResponseFrame" : "EventFrame", frame);
    if (event !== undefined && event !== "")
      judge(`event ${event}`, definitionOf(event, "event"), isObject(frame) ? frame["payload"] : undefined);
  }
  for (const [name, spec] of shared) judgeParams(name, spec);
}, 60_000);
afterAll(() => gateway[Symbol.asyncDispose]());

const covers = ({ about, complaint }: Finding) =>
  differences.find((each) => each.about.test(about) && each.complaint.test(complaint));

describe("the official schema of protocol 4", () => {
  test("accepts what we answer and tell, and we accept what it lets clients send, save for what is listed", () => {
    expect(
      findings.filter((finding) => !covers(finding)).map(({ about, complaint }) => `${about}: ${complaint}`),
    ).toEqual([]);
  });

  test("has nothing listed that is no longer so", () => {
    expect(differences.filter((each) => !findings.some((finding) => covers(finding) === each)).map(String)).toEqual([]);
  });

  test("was asked about every method that both have, with data that is not refused", () => {
    expect(refused).toEqual([]);
    const named = shared.map(([name]) => name).filter((name) => definitionOf(name, "result") !== undefined);
    expect(named.filter((name) => !judged.has(`result of ${name}`)).toSorted()).toEqual(
      Object.keys(unswept).toSorted(),
    );
    expect([...judged].filter((about) => about.startsWith("event ")).toSorted()).toEqual(["event agent", "event chat"]);
  });
});
