import { describe, expect } from "vitest";
import { isResponse } from "../forms.ts";
import { textAt } from "../json.ts";
import { answer, call } from "../requests.ts";
import { onOneGateway, verifies } from "../verifies.ts";

onOneGateway();

describe("frames after connect", () => {
  verifies("R-FRAME-1", async ({ join }) => {
    const client = await join();
    const before = client.received.filter(isResponse).length;
    for (const bytes of ["hello", "", "{", new Uint8Array([0, 255])]) client.sendRaw(bytes);
    expect(await call(client, "agents.list")).toMatchObject({ ok: true });
    expect(client.received.filter(isResponse)).toHaveLength(before + 1);
  });

  verifies("R-FRAME-2", async ({ join }) => {
    const client = await join();
    client.send({ type: "req", id: 5, method: "health" });
    expect(await answer(client, 5)).toMatchObject({
      ok: false,
      error: { code: "INVALID_REQUEST", message: "invalid request frame: at /id: must be string" },
    });
    client.send({ type: "req", id: "own", method: "health", zzz: 1 });
    expect(await answer(client, "own")).toMatchObject({
      ok: false,
      error: { message: "invalid request frame: at root: unexpected property 'zzz'" },
    });
    client.send([1]);
    expect(await answer(client, "invalid")).toMatchObject({
      ok: false,
      error: { message: "invalid request frame: must be object" },
    });
  });

  verifies("R-FRAME-3", async ({ join }) => {
    const client = await join();
    client.sendRaw(new TextEncoder().encode(JSON.stringify({ type: "req", id: "binary", method: "agents.list" })));
    expect(await answer(client, "binary")).toMatchObject({ ok: true });
  });

  verifies("R-FRAME-4", async ({ join }) => {
    const client = await join();
    client.send({ type: "req", id: "twice", method: "agents.list" });
    client.send({ type: "req", id: "twice", method: "models.list" });
    const [first, second] = [await answer(client, "twice"), await answer(client, "twice", 1)];
    expect(first).toMatchObject({ ok: true, payload: { defaultId: "main" } });
    expect(second).toMatchObject({ ok: true, payload: { models: expect.any(Array) } });
  });

  verifies("R-FRAME-5", async ({ join }) => {
    const client = await join();
    expect(await call(client, "agents.list")).toMatchObject({ ok: true });
    expect(await call(client, "agents.list", null)).toMatchObject({ ok: true });
    expect(textAt(await call(client, "chat.send", null), "error", "message")).toContain(
      "must have required property 'message'",
    );
  });

  verifies("R-FRAME-6", async ({ join }) => {
    const client = await join();
    for (const method of ["no.such.method", "toString", "constructor", "__proto__"]) {
      expect(await call(client, method, {})).toMatchObject({
        ok: false,
        error: { code: "INVALID_REQUEST", message: `unknown method: ${method}` },
      });
    }
  });

  verifies("R-FRAME-7", async ({ join, protocol }) => {
    const client = await join();
    const { ok, error } = await call(client, "models.list", { view: "configured" });
    expect(ok).toBe(protocol !== 3);
    expect(textAt(error, "message")).toBe(
      protocol !== 3 ? undefined : "invalid models.list params: at root: unexpected property 'view'",
    );
  });

  verifies("R-FRAME-8", async ({ join }) => {
    const [careless, other] = [await join(), await join()];
    const MiB = 1024 * 1024;
    expect(await call(careless, "no.such.method", { x: "x".repeat(24 * MiB) })).toMatchObject({ ok: false });
    careless.sendRaw("x".repeat(25 * MiB + 1));
    expect(await careless.closed()).toEqual({ code: 1009, reason: "" });
    expect(await call(other, "agents.list")).toMatchObject({ ok: true });
  });
});
