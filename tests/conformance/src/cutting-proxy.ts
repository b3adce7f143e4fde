import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CuttingProxy extends AsyncDisposable {
  url: string;
  /** Ends every connection as a lost network does: what is on its way does not arrive. */
  cut(): void;
  readonly cuts: number;
}

/** A TCP relay on loopback in front of a gateway. */
export async function startCuttingProxy(toPort: number): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let cuts = 0;
  const server = createServer((inner) => {
    const outer = connect(toPort, "127.0.0.1");
    const pair = [inner, outer] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    cuts += pairs.size;
    for (const [inner, outer] of pairs) {
      inner.resetAndDestroy();
      outer.resetAndDestroy();
    }
  };
  return {
    url: `ws://127.0.0.1:${port}`,
    cut,
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
