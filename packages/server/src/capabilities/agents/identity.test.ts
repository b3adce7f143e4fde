import { expect, test } from "vitest";
import { parseIdentity, presentIdentity, writeIdentity } from "./identity.ts";

test("values are read from plain and bold lines; hints and empty lines are none", () => {
  expect(parseIdentity("# Me\n- Name: Ada\n- **Emoji:** 🦉\n* Avatar:  a.png \n")).toEqual({
    name: "Ada",
    emoji: "🦉",
    avatar: "a.png",
  });
  expect(parseIdentity("- Name:\n- Emoji: _(pick one)_\n- Avatar: (a link)\n")).toEqual({});
  expect(parseIdentity("")).toEqual({});
});

test("written values are read back; other text stays", () => {
  const text = "# Me\n\n- Name: (a name)\n\nI like tea.\n";
  const written = writeIdentity(text, { name: "Ada $1", avatar: "https://example.invalid/a.png" });
  expect(written).toBe("# Me\n\n- Name: Ada $1\n\nI like tea.\n- Avatar: https://example.invalid/a.png\n");
  expect(parseIdentity(written)).toEqual({ name: "Ada $1", avatar: "https://example.invalid/a.png" });
});

test("a value cannot add lines of its own", () => {
  expect(writeIdentity("", { name: "Ada\n- Avatar: x" })).toBe("- Name: Ada - Avatar: x\n");
});

test("configuration wins over the file, the file over the plain name, an emoji stands in for an avatar", () => {
  const agent = { id: "a", name: "Plain", workspace: "/w", primaryModel: "p/m", fallbackModels: [], contextTokens: 1 };
  expect(presentIdentity("a", agent, {})).toEqual({ agentId: "a", name: "Plain", nameSource: "agent", avatar: "A" });
  expect(presentIdentity("a", { ...agent, identity: { name: "Set" } }, { name: "Written", emoji: "🦉" })).toEqual({
    agentId: "a",
    name: "Set",
    nameSource: "agent",
    avatar: "🦉",
    emoji: "🦉",
  });
  expect(presentIdentity("ghost", undefined, {})).toEqual({
    agentId: "ghost",
    name: "Assistant",
    nameSource: "default",
    avatar: "A",
  });
});
