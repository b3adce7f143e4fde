import { connectScriptedClient, createScriptedServer, rejectionOf, untilState } from "@openclaw-gateway/client/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBrowserClient } from "./index.ts";

// The WebSocket of Node is the browser's API; the page around it is made up.
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const host = new EventTarget();

beforeEach(() => {
  page.visibilityState = "visible";
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", host);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const show = (state: DocumentVisibilityState): void => {
  page.visibilityState = state;
  page.dispatchEvent(new Event("visibilitychange"));
};

describe("createBrowserClient", () => {
  test.each([
    [undefined, "/"],
    ["/api/gateway/ws?x=1", "/api/gateway/ws?x=1"],
  ])("connects to the origin of the page as the Control UI (%s)", async (path, opened) => {
    await using server = await createScriptedServer();
    vi.stubGlobal("location", { origin: server.url.replace("ws:", "http:") });
    const client = createBrowserClient({ ...(path === undefined ? {} : { url: path }), token: "secret" });
    const connecting = client.connect();
    const gateway = await server.accept();
    const request = await gateway.welcome();
    expect(gateway.path).toBe(opened);
    expect(request.params).toMatchObject({
      client: { id: "webchat-ui", mode: "webchat", platform: "web" },
      auth: { token: "secret" },
      userAgent: navigator.userAgent,
    });
    await connecting;
    const asked = client.request("sessions.list", { limit: 1 });
    gateway.respond(await gateway.receive("sessions.list"), { sessions: [] });
    expect(await asked).toEqual({ sessions: [] });
    await client.close();
    expect(await gateway.closed).toEqual({ code: 1000, reason: "client closed" });
  });

  test("speaks like the Node client", async () => {
    await using scripted = await connectScriptedClient();
    expect(Object.keys(createBrowserClient({ url: "ws://host" })).toSorted()).toEqual(
      Object.keys(scripted.client).toSorted(),
    );
  });

  test("a page that comes back to the front asks for a sign of life; a closed client lets go of the page", async () => {
    await using server = await createScriptedServer();
    const client = createBrowserClient({ url: server.url });
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    show("hidden");
    show("visible");
    gateway.respond(await gateway.receive("last-heartbeat"), null);
    const removed = vi.spyOn(page, "removeEventListener");
    await client.close();
    expect(removed).toHaveBeenCalledWith("visibilitychange", expect.any(Function));
  });

  test("a link that was lost in the background is opened at once when somebody looks", async () => {
    await using server = await createScriptedServer();
    const client = createBrowserClient({
      url: server.url,
      reconnect: { minDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
    });
    const connecting = client.connect();
    const gateway = await server.accept();
    await gateway.welcome();
    await connecting;
    show("hidden");
    gateway.terminate();
    expect(await untilState(client, "waiting")).toMatchObject({ lastError: { closeCode: 1006 } });
    show("visible");
    await (await server.accept()).welcome();
    await untilState(client, "ready");
    await client.close();
    expect(server.accepted).toBe(2);
  });

  test("the gateway's close code and reason come through", async () => {
    await using server = await createScriptedServer();
    const client = createBrowserClient({ url: server.url });
    const refused = rejectionOf(client.connect());
    (await server.accept()).close(1008, "unauthorized: gateway token mismatch");
    expect(await refused).toMatchObject({ message: "unauthorized: gateway token mismatch", closeCode: 1008 });
    expect(client.state).toMatchObject({ at: "stopped", reason: "auth-rejected" });
  });

  test("an address the page may not open is a failed attempt, not a throw", async () => {
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor() {
          throw new DOMException("insecure", "SecurityError");
        }
      },
    );
    const client = createBrowserClient({ url: "ws://host", reconnect: false });
    expect(await rejectionOf(client.connect())).toMatchObject({ reason: "closed", message: "insecure" });
  });

  test("a peer that never answers the close frame holds nobody up", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const sockets: EventTarget[] = [];
    vi.stubGlobal(
      "WebSocket",
      class extends EventTarget {
        static OPEN = 1;
        readyState = 0;
        close = vi.fn<() => void>();
        constructor() {
          super();
          sockets.push(this);
        }
      },
    );
    const client = createBrowserClient({ url: "ws://host" });
    const connecting = rejectionOf(client.connect());
    const closing = client.close();
    expect(await connecting).toMatchObject({ message: "the client was closed" });
    vi.advanceTimersByTime(1_000);
    await closing;
    vi.useRealTimers();
    expect(sockets).toHaveLength(1);
  });
});
