import { askDecision } from "./ask-gateway.ts";

/** How long a request waits at the gateway. */
const requestLifetimeMs = 300_000;
const askEveryMs = 2_000;

export type ApprovalOutcome = "approved" | "rejected" | "expired";

/** Asks what became of a pairing request until it is decided or over. The returned call ends it. */
export function watchApproval(
  {
    place,
    requestId,
    page,
  }: {
    place: string;
    requestId: string;
    page: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;
  },
  onEnd: (outcome: ApprovalOutcome) => void,
): () => void {
  const startedAt = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  function stop(): void {
    isOver = true;
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", onVisible);
  }

  async function look(): Promise<void> {
    clearTimeout(timer);
    const state = await askDecision(place, requestId);
    if (isOver) return;
    clearTimeout(timer);
    const isLate = Date.now() - startedAt >= requestLifetimeMs;
    if (state === "waiting" && !isLate) {
      timer = setTimeout(() => void look(), askEveryMs);
      return;
    }
    stop();
    onEnd(state === "waiting" ? "expired" : state);
  }

  // Timers sleep in the background; who comes back has just approved it somewhere else.
  function onVisible(): void {
    if (page.visibilityState === "visible") void look();
  }

  page.addEventListener("visibilitychange", onVisible);
  void look();
  return stop;
}
