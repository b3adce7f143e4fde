/** Where a browser keeps key pairs. Private keys go in and out as handles: nobody reads them. */
export interface KeyStore {
  load(name: string): Promise<CryptoKeyPair | undefined>;
  /** Keeps a pair and gives back the one that counts: the earlier one when another tab was faster. */
  keep(name: string, pair: CryptoKeyPair): Promise<CryptoKeyPair>;
}

const databaseName = "openclaw";
const keys = "device-keys";

/** The key pairs of this origin in IndexedDB, the only storage of a browser that takes a key it cannot read. */
export const browserKeyStore: KeyStore = {
  load: (name) => inStore("readonly", async (store) => toPair(await settled(store.get(name)))),
  keep: (name, pair) =>
    inStore("readwrite", async (store) => {
      // One transaction: of two tabs that start at once the second finds the pair of the first.
      const earlier = toPair(await settled(store.get(name)));
      if (earlier === undefined) await settled(store.put(pair, name));
      return earlier ?? pair;
    }),
};

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const database = await open();
  try {
    return await work(database.transaction(keys, mode).objectStore(keys));
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(databaseName, 1);
  opening.addEventListener("upgradeneeded", () => void opening.result.createObjectStore(keys));
  return settled(opening);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the storage of this browser failed")));
  });
}

function toPair(stored: unknown): CryptoKeyPair | undefined {
  if (typeof stored !== "object" || stored === null || !("privateKey" in stored && "publicKey" in stored))
    return undefined;
  const { privateKey, publicKey } = stored;
  return privateKey instanceof CryptoKey && publicKey instanceof CryptoKey ? { privateKey, publicKey } : undefined;
}
