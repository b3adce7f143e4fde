import { describe, expect, test } from "vitest";
import { heartbeatPatch } from "./heartbeat-patch.ts";

const every = (duration: string) => ({ every: duration, target: "last" });

describe("agents.list", () => {
  const list = [{ id: "main", default: true }, { id: "lead", workspace: "/w", heartbeat: every("10m") }, "odd"];

  test("is written as a whole, with everything that stands in it", () => {
    expect(heartbeatPatch({ agents: { list } }, { main: every("5m"), lead: every("10m") })).toEqual({
      agents: { list: [{ id: "main", default: true, heartbeat: every("5m") }, list[1], "odd"] },
    });
  });

  test("loses a heartbeat that is not wanted", () => {
    expect(heartbeatPatch({ agents: { list } }, { lead: null })).toEqual({
      agents: { list: [list[0], { id: "lead", workspace: "/w" }, "odd"] },
    });
  });

  test("is left alone when nothing changes", () => {
    expect(
      heartbeatPatch({ agents: { list } }, { lead: { target: "last", every: "10m" }, main: null }),
    ).toBeUndefined();
    expect(heartbeatPatch({ agents: { list } }, {})).toBeUndefined();
  });

  test.each([[{ agents: { list } }], [{ agents: {} }], [{}], [undefined]])("must name the agent: %j", (config) => {
    expect(() => heartbeatPatch(config, { nobody: every("5m") })).toThrow(
      expect.objectContaining({
        name: "ProvisioningError",
        reason: "not-configured",
        message: expect.stringContaining('"nobody"'),
      }),
    );
  });
});

describe("agents.entries", () => {
  const entries = { main: {}, lead: { heartbeat: { every: "10m", prompt: "look" } } };

  test("get only what changes, and lose what is not named", () => {
    expect(heartbeatPatch({ agents: { entries } }, { lead: { every: "5m" }, main: null })).toEqual({
      agents: { entries: { lead: { heartbeat: { every: "5m", prompt: null } } } },
    });
    expect(heartbeatPatch({ agents: { entries } }, { lead: null })).toEqual({
      agents: { entries: { lead: { heartbeat: null } } },
    });
    expect(heartbeatPatch({ agents: { entries } }, { lead: { every: "10m", prompt: "look" } })).toBeUndefined();
  });

  test("must name the agent", () => {
    expect(() => heartbeatPatch({ agents: { entries } }, { toString: { every: "5m" } })).toThrow("toString");
  });
});
