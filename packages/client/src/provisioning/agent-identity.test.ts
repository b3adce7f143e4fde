import { canonicalSessionKey } from "@openclaw-gateway/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { agentIdentities, workspaceFor } from "./agent-identity.ts";

const id = "0b5f1c9e-7a35-4a5e-9d0a-2f6f3f1f9c11";

test("ids and keys follow from the id of the record", () => {
  expect(agentIdentities.boardLead(id)).toEqual({ agentId: `lead-${id}`, sessionKey: `agent:lead-${id}:main` });
  expect(agentIdentities.boardAgent(id)).toEqual({ agentId: `mc-${id}`, sessionKey: `agent:mc-${id}:main` });
  expect(agentIdentities.gatewayMain(id)).toEqual({
    agentId: `mc-gateway-${id}`,
    sessionKey: `agent:mc-gateway-${id}:main`,
  });
});

test.each(["Board one", "", "lead-1", `${id}0`, id.replaceAll("-", "")])("%j is no id", (name) => {
  for (const identityOf of Object.values(agentIdentities)) expect(() => identityOf(name)).toThrow(TypeError);
});

test("every UUID has identities of its own, in canonical form", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      const identities = [one, other].flatMap((uuid) => Object.values(agentIdentities).map((of) => of(uuid)));
      expect(new Set(identities.map(({ agentId }) => agentId)).size).toBe(one === other ? 3 : 6);
      for (const { sessionKey } of identities) {
        expect(canonicalSessionKey(sessionKey, { defaultAgentId: "main", mainKey: "main" })).toBe(sessionKey);
      }
      expect(agentIdentities.boardLead(one.toUpperCase())).toEqual(agentIdentities.boardLead(one));
    }),
  );
});

test.each([
  ["/srv/agents", "/srv/agents/workspace-lead-1"],
  ["/srv/agents//", "/srv/agents/workspace-lead-1"],
  ["/", "/workspace-lead-1"],
  ["~/agents", "~/agents/workspace-lead-1"],
])("workspaces below %j", (root, path) => {
  expect(workspaceFor(root, "lead-1")).toBe(path);
});

test("without a root there is no workspace", () => {
  expect(() => workspaceFor("  ", "lead-1")).toThrow("workspace root");
});
