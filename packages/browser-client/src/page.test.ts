import { describe, expect, test } from "vitest";
import { followPage } from "./page.ts";

function createPage(initial: DocumentVisibilityState) {
  const log: string[] = [];
  const page = Object.assign(new EventTarget(), { visibilityState: initial });
  const network = new EventTarget();
  const client = {
    checkLink: () => void log.push("check"),
    pauseWatchdog: () => {
      log.push("pause");
      return () => void log.push("resume");
    },
  };
  return {
    log,
    leave: followPage(client, page as Pick<Document, keyof typeof page>, network),
    show: (state: DocumentVisibilityState) => {
      page.visibilityState = state;
      page.dispatchEvent(new Event("visibilitychange"));
    },
    online: () => network.dispatchEvent(new Event("online")),
  };
}

describe("a page", () => {
  test("in the background pauses the watchdog, back in front checks the link", () => {
    const { log, show } = createPage("visible");
    show("hidden");
    show("hidden");
    expect(log).toEqual(["pause"]);
    show("visible");
    expect(log).toEqual(["pause", "resume", "check"]);
  });

  test("opened in the background starts paused", () => {
    const { log, show } = createPage("hidden");
    expect(log).toEqual(["pause"]);
    show("visible");
    expect(log).toEqual(["pause", "resume", "check"]);
  });

  test("checks the link when the network is back", () => {
    const { log, online } = createPage("visible");
    online();
    expect(log).toEqual(["check"]);
  });

  test("left alone hears nothing more, and holds no pause", () => {
    const { log, leave, show, online } = createPage("hidden");
    leave();
    show("visible");
    online();
    expect(log).toEqual(["pause", "resume"]);
  });
});
