import { GatewayClient, GatewayError } from "@openclaw-gateway/client";
import { createMockGateway, type MockReply } from "@openclaw-gateway/client/mock";
import { findMethod, type MethodName, methods } from "@openclaw-gateway/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayUnderTest, startGatewayUnderTest } from "../gateway-under-test.ts";
import { type Case, cases } from "./cases.ts";
import { memoryOpener } from "./memory-opener.ts";
import { mockLacks } from "./mock-lacks.ts";
import { createWorld, type World } from "./world.ts";

const names = Object.keys(methods) as MethodName[];

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ agents: [{ id: "coder", runtime: { type: "daemon" } }] });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** The mock answers as fast as the model behind the gateway. */
const mock = createMockGateway({ stepMs: 0, reply: (() => "Quick answer.") satisfies MockReply });

const links: Readonly<Record<"socket" | "memory" | "mock", () => World>> = {
  socket: () => createWorld((config) => new GatewayClient({ url: gateway.url, token: gateway.token, ...config })),
  memory: () => {
    const openSocket = memoryOpener(gateway);
    return createWorld(
      (config) => new GatewayClient({ url: gateway.url, token: gateway.token, openSocket, ...config }),
    );
  },
  mock: () => createWorld((config) => new GatewayClient(config, { mode: "mock", mock })),
};

/** What the answers had, for those who compare them. */
const members = {
  socket: new Map<string, string[]>(),
  memory: new Map<string, string[]>(),
  mock: new Map<string, string[]>(),
};
const membersOf = (answer: unknown): string[] =>
  typeof answer === "object" && answer !== null && !Array.isArray(answer) && !(answer instanceof Error)
    ? Object.keys(answer)
    : [];

describe.each(["socket", "memory", "mock"] as const)("every method over a client: %s", (link) => {
  let world: World;
  beforeAll(() => {
    world = links[link]();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  const isLacking = (method: MethodName): boolean => link === "mock" && mockLacks.includes(method);

  test.each(names.filter((method) => !isLacking(method)))("%s", async (method) => {
    const { params } = cases[method];
    const given = typeof params === "function" ? await params(world) : params;
    const answer = await callByName(world.callerOf(method), method)(given).catch(refusalOf);
    members[link].set(method, membersOf(answer));
    expect(problemsOf(method, answer), JSON.stringify(answer)).toEqual([]);
  });

  if (link === "mock") {
    test.each(mockLacks)("%s is unknown", async (method) => {
      await expect(world.operator.requestUntyped(method)).rejects.toMatchObject({
        code: "INVALID_REQUEST",
        message: `unknown method: ${method}`,
      });
    });
  }
});

test("the list of what the mock lacks is what it lacks", () => {
  const found = names.filter((method) => !mock.methods.includes(method));
  expect([...mockLacks].toSorted()).toEqual(found.toSorted());
});

test("a mock answers with nothing that a gateway does not answer with", () => {
  const invented = mock.methods.flatMap((method) => {
    const real = members.socket.get(method) ?? [];
    return (members.mock.get(method) ?? []).filter((name) => !real.includes(name)).map((name) => `${method}: ${name}`);
  });
  expect(invented).toEqual([]);
});

describe("a mock refuses what a gateway refuses, in the same words", () => {
  const worlds = { real: undefined as World | undefined, mock: undefined as World | undefined };
  beforeAll(() => {
    Object.assign(worlds, { real: links.socket(), mock: links.mock() });
  });
  afterAll(async () => {
    await Promise.all([worlds.real?.[Symbol.asyncDispose](), worlds.mock?.[Symbol.asyncDispose]()]);
  });
  const refusing = mock.methods.filter((method) => findMethod(method)?.params.safeParse({}).success === false);
  test.each(refusing)("%s", async (method) => {
    const refusalIn = async (world: World | undefined): Promise<unknown> => {
      const answer = await world?.operator.requestUntyped(method).catch(refusalOf);
      return answer instanceof GatewayError ? answer.toWire() : answer;
    };
    const [real, simulated] = await Promise.all([refusalIn(worlds.real), refusalIn(worlds.mock)]);
    expect(simulated).toEqual(real);
    expect(real).toMatchObject({ message: expect.stringContaining("must have required property") });
  });
});

/** What an answer lacks of what its case and its schema promise. */
function problemsOf(method: MethodName, answer: unknown): string[] {
  const { answers = () => true, refused } = cases[method] as Case<MethodName>;
  if (answer instanceof GatewayError || refused !== undefined) {
    const told = answer instanceof GatewayError ? answer.message : "an answer";
    return told === refused ? [] : [`${told} instead of ${refused ?? "an answer"}`];
  }
  const { error } = findMethod(method)?.result.safeParse(answer) ?? {};
  if (error) return [error.message];
  return answers(answer as never) ? [] : ["not what the case relies on"];
}

/** What a gateway refuses is an answer as well; whatever else goes wrong is not. */
function refusalOf(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  throw error;
}

/** A method by its nested members, as programs call it. */
function callByName(client: GatewayClient, method: MethodName): (params: unknown) => Promise<unknown> {
  const call = method.split(".").reduce<unknown>((at, segment) => (at as Record<string, unknown>)[segment], client.api);
  return call as (params: unknown) => Promise<unknown>;
}
