import { describe, expect, test } from "vitest";
import { createCredentialStore, openStorages, type Storages } from "./credential.ts";

/** The members of a browser's storage that are used. */
function createStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  };
}

describe("what lets a browser in again", () => {
  const create = (): Storages => ({ session: createStorage(), device: createStorage() });
  const url = "http://gateway:1/ws";
  const secret = { kind: "secret", secret: "a" };

  test("lives as long as the tab unless it is to be remembered", () => {
    const storages = create();
    const store = createCredentialStore(url, storages);
    store.keepSecret("a", false);
    expect([storages.session?.length, storages.device?.length]).toEqual([1, 0]);
    expect(store.read()).toEqual({ credential: secret, isRemembered: false });
    store.keepSecret("a", true);
    expect([storages.session?.length, storages.device?.length]).toEqual([0, 1]);
    expect(store.read()).toEqual({ credential: secret, isRemembered: true });
  });

  test.each([true, false])("the token of the device takes the place of the secret (remembered: %s)", (isRemembered) => {
    const storages = create();
    const store = createCredentialStore(url, storages);
    store.keepSecret("the-secret", isRemembered);
    store.keepToken("t", ["operator.read"], isRemembered);
    expect(store.read()).toEqual({
      credential: { kind: "device-token", token: "t", scopes: ["operator.read"] },
      isRemembered,
    });
    expect([storages.session?.length, storages.device?.length]).toEqual(isRemembered ? [0, 2] : [2, 0]);
    for (const storage of [storages.session, storages.device]) {
      const texts = Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.getItem(storage.key(at) ?? ""));
      expect(texts.join()).not.toContain("the-secret");
    }
  });

  test("is gone from both when forgotten", () => {
    const storages = create();
    const store = createCredentialStore(url, storages);
    store.keepSecret("a", true);
    store.forget();
    store.keepToken("t", [], false);
    store.forget();
    expect(store.read()).toBeUndefined();
    expect([storages.session?.length, storages.device?.length]).toEqual([0, 0]);
  });

  test("T-A1: is another one for another gateway, also below another path of the same host", () => {
    const storages = create();
    createCredentialStore("http://gateway:1/a/ws", storages).keepSecret("a", true);
    createCredentialStore("http://gateway:1/b/ws", storages).keepToken("t", [], true);
    expect(createCredentialStore("http://gateway:1/ws", storages).read()).toBeUndefined();
    expect(createCredentialStore("http://gateway:1/a/ws", storages).read()?.credential).toEqual(secret);
    expect(createCredentialStore("http://gateway:1/b/ws", storages).read()?.credential.kind).toBe("device-token");
  });

  test("a browser without storage still signs in", () => {
    const storages = openStorages({
      get sessionStorage(): Storage {
        throw new Error("denied");
      },
      get localStorage(): Storage {
        throw new Error("denied");
      },
    });
    const store = createCredentialStore(url, storages);
    store.keepSecret("a", true);
    store.keepToken("t", [], true);
    expect(store.read()).toBeUndefined();
  });
});
