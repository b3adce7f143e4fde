import { afterAll, beforeAll, test } from "vitest";
import { startGatewayUnderTest, type GatewayUnderTest } from "./gateway-under-test.ts";
import type { JsonObject } from "./json.ts";
import { connectMemory, connectSocket, type RawClient } from "./raw-client.ts";
import { connectParams, hello } from "./requests.ts";
import { type RuleId, ruleOf } from "./rules.ts";

/** What a proof works with: one gateway, one protocol version, one kind of link. */
export type Ground = {
  gateway: GatewayUnderTest;
  protocol: 1 | 3 | 4;
  link: "socket" | "memory";
  /** A link on which nothing was said yet. */
  open(): Promise<RawClient>;
  /** A link after hello-ok; `params` are laid over an ordinary connect request. */
  join(params?: JsonObject): Promise<RawClient>;
  /** A name nobody used before, for session keys and idempotency keys. */
  fresh(name: string): string;
};

const gateways: GatewayUnderTest[] = [];
let count = 0;

/** Proves a rule over every link and in every protocol version it is about, against one gateway per test file. */
export function verifies(id: RuleId, proof: (ground: Ground) => Promise<void>): void {
  const { behaviour, protocols = [1, 3, 4], links = ["socket", "memory"] } = ruleOf(id);
  for (const protocol of protocols) {
    for (const link of links) {
      // oxlint-disable-next-line vitest/expect-expect -- the proof asserts
      test(`${id} (protocol ${protocol}, ${link}) ${behaviour}`, async () => {
        const gateway = gateways[0]!;
        const clients: RawClient[] = [];
        const open = async (): Promise<RawClient> => {
          const client = link === "socket" ? await connectSocket(gateway.url) : connectMemory(gateway);
          clients.push(client);
          return client;
        };
        try {
          await proof({
            gateway,
            protocol,
            link,
            open,
            join: async (params) => {
              const client = await open();
              await hello(client, connectParams(protocol, gateway, params));
              return client;
            },
            fresh: (name) => `${name}-${++count}`,
          });
        } finally {
          for (const client of clients) client.close();
        }
      });
    }
  }
}

/** One gateway for the rules of a file. */
export function onOneGateway(options: Parameters<typeof startGatewayUnderTest>[0] = {}): void {
  beforeAll(async () => {
    gateways[0] = await startGatewayUnderTest(options);
  });
  afterAll(async () => {
    await gateways[0]?.[Symbol.asyncDispose]();
  });
}
