import { describe, expect, test } from "vitest";
import {
  type CredentialStorages,
  forgetCredential,
  openStorages,
  readCredential,
  takeFragmentToken,
  writeCredential,
} from "./credential.ts";

describe("the token of the address", () => {
  test.each([
    ["http://h/#token=abc", { token: "abc", rest: "/" }],
    ["http://h/chat/main?x=1#token=a%2Bb%2F", { token: "a+b/", rest: "/chat/main?x=1" }],
    ["http://h/#a=1&token=abc", { token: "abc", rest: "/#a=1" }],
    ["http://h/#token=", { token: undefined, rest: "/" }],
    ["http://h/", undefined],
    ["http://h/#section", undefined],
    // Only the fragment stays on this machine; a query would be in logs already.
    ["http://h/?token=abc", undefined],
    ["http://h/?gatewayUrl=ws://evil.example#token=abc", { token: "abc", rest: "/?gatewayUrl=ws://evil.example" }],
  ])("%s", (address, expected) => {
    expect(takeFragmentToken(address)).toEqual(expected);
  });
});

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

describe("the stored secret", () => {
  const create = (): CredentialStorages => ({ session: createStorage(), device: createStorage() });

  test("lives as long as the tab unless it is to be remembered", () => {
    const storages = create();
    writeCredential(storages, { secret: "a", isRemembered: false });
    expect([storages.session?.length, storages.device?.length]).toEqual([1, 0]);
    writeCredential(storages, { secret: "b", isRemembered: true });
    expect([storages.session?.length, storages.device?.length]).toEqual([0, 1]);
    expect(readCredential(storages)).toEqual({ secret: "b", isRemembered: true });
  });

  test("is gone from both when forgotten", () => {
    const storages = create();
    writeCredential(storages, { secret: "a", isRemembered: true });
    forgetCredential(storages);
    expect(readCredential(storages)).toBeUndefined();
    expect([storages.session?.length, storages.device?.length]).toEqual([0, 0]);
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
    writeCredential(storages, { secret: "a", isRemembered: true });
    expect(readCredential(storages)).toBeUndefined();
  });
});
