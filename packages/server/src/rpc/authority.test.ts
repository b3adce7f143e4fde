import { dialects, insideMethods, methods, type MethodSpec, roles, scopes } from "@openclaw-gateway/protocol";
import { casesOf } from "@openclaw-gateway/properties";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { decisionOf, enough, expected, specOf, subsets } from "../testing/authority-table.ts";
import { createMemoryClient } from "../testing/memory-client.ts";
import { createScriptedRuntime } from "../testing/scripted-runtime.ts";
import { openSocket } from "../testing/socket-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import type { Principal } from "./principal.ts";
import { authorize } from "./authorize.ts";

// Every method over every link: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const names = [...Object.keys(methods), ...Object.keys(insideMethods), "no.such.method", "__proto__", "constructor"];
describe("T-D1: every entrance decides the same", () => {
  let gateway: Awaited<ReturnType<typeof startTestGateway>>;
  beforeAll(async () => {
    gateway = await startTestGateway(
      createScriptedRuntime(async function* () {
        yield { type: "end", stopReason: "stop" };
      }),
    );
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test("every method names the role and, for operators, the scope it needs", () => {
    const unclassified = Object.entries<MethodSpec>({ ...methods, ...insideMethods }).filter(
      ([, { role, scope }]) => !roles.includes(role) || (role === "operator" && !Object.hasOwn(enough, scope ?? "")),
    );
    expect(unclassified.map(([name]) => name)).toEqual([]);
  });

  test.each(roles)("authorize decides for a %s as the table says, for every method and every set of scopes", (role) => {
    const principal: Omit<Principal, "scopes"> = {
      id: "p",
      role,
      displayName: "",
      credential: "shared",
      causedByAgent: false,
    };
    // One expectation for all: there are tens of thousands.
    const wrong = subsets(scopes).flatMap((granted) =>
      names.flatMap((name) => {
        const spec = specOf(name);
        const refusal = authorize({ ...principal, scopes: granted }, name, spec);
        const decision = decisionOf(refusal ? { error: refusal } : {});
        return decision === expected(spec, role, granted) ? [] : [`${name} with ${granted.join()}: ${decision}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  const entrances = {
    socket: async (protocol: number, granted: readonly string[]) => {
      const client = await openSocket(gateway.url);
      await client.connect({ minProtocol: protocol, maxProtocol: protocol, scopes: granted });
      return {
        ask: async (method: string) => {
          client.send({ type: "req", id: method, method, params: 5 });
          return decisionOf(await client.answer(method));
        },
        [Symbol.dispose]: () => client[Symbol.dispose](),
      };
    },
    memory: async (protocol: number, granted: readonly string[]) => {
      const client = createMemoryClient(gateway.gateway);
      await client.connect({ minProtocol: protocol, maxProtocol: protocol, scopes: granted });
      return {
        ask: async (method: string) => decisionOf(await client.request(method, 5)),
        [Symbol.dispose]: () => client.link.close(1000, ""),
      };
    },
  };

  const links = Object.keys(entrances) as (keyof typeof entrances)[];
  test.each(links.flatMap((link) => dialects.map(({ version }) => ({ link, version }))))(
    "$link, protocol $version",
    async ({ link, version }) => {
      const dialect = dialects.find((each) => each.version === version)!;
      // One client for each set of scopes; a case is one question of one of them.
      const clients = new Map<string, Awaited<ReturnType<(typeof entrances)[typeof link]>>>();
      const everySet = scopes.map((scope): [(typeof scopes)[number][], string] => [[scope], names[0]!]);
      await fc.assert(
        fc.asyncProperty(fc.subarray([...scopes]), fc.constantFrom(...names), async (asked, name) => {
          // Recorded: the holder of the shared secret who names no scopes gets admin.
          const granted = asked.length > 0 ? asked : ["operator.admin"];
          const client = clients.get(asked.join()) ?? (await entrances[link](version, asked));
          clients.set(asked.join(), client);
          expect(await client.ask(name), name).toBe(expected(dialect.methods.get(name), "operator", granted));
        }),
        { numRuns: casesOf(6_000), examples: everySet },
      );
      for (const client of clients.values()) client[Symbol.dispose]();
    },
  );

  test("a chat command needs what the method needs that does the same", async () => {
    const needs: Readonly<Record<string, keyof typeof methods>> = {
      "/new": "sessions.reset",
      "/reset": "sessions.reset",
      "/compact": "sessions.compact",
      "/model test/model-2": "sessions.patch",
      "/think high": "sessions.patch",
      "/stop": "chat.abort",
    };
    for (const granted of subsets(scopes.slice(0, 5)).filter((set) => set.includes("operator.write"))) {
      const client = createMemoryClient(gateway.gateway);
      await client.connect({ scopes: granted });
      for (const [message, method] of Object.entries(needs)) {
        const idempotencyKey = `${granted.join()} ${message}`;
        const answer = await client.request("chat.send", { sessionKey: "s", message, idempotencyKey });
        const decision = expected(specOf(method), "operator", granted);
        expect(decisionOf(answer), `${message} with ${granted.join()}`).toBe(decision);
      }
      client.link.close(1000, "");
    }
  });
});
