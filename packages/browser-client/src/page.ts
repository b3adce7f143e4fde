import type { GatewayClient } from "@openclaw-gateway/client/core";

/**
 * Keeps a client in step with its page. In the background browsers slow timers down and may freeze the page, so a silent
 * link proves nothing there; when somebody looks again, or the network is back, the link is checked at once.
 */
export function followPage(
  client: Pick<GatewayClient, "checkLink" | "pauseWatchdog">,
  page: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">,
  network: Pick<EventTarget, "addEventListener" | "removeEventListener">,
): () => void {
  let resume: (() => void) | undefined;
  const onVisibility = (): void => {
    if (page.visibilityState === "hidden") {
      resume ??= client.pauseWatchdog();
      return;
    }
    resume?.();
    resume = undefined;
    client.checkLink();
  };
  const onOnline = (): void => client.checkLink();
  if (page.visibilityState === "hidden") resume = client.pauseWatchdog();
  page.addEventListener("visibilitychange", onVisibility);
  network.addEventListener("online", onOnline);
  return () => {
    page.removeEventListener("visibilitychange", onVisibility);
    network.removeEventListener("online", onOnline);
    resume?.();
  };
}
