import { useEffect, useState } from "react";

/** Whole seconds until a moment (milliseconds since the epoch); 0 when it is over or there is none. */
export function useCountdown(untilMs: number | undefined): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  const leftMs = untilMs === undefined ? 0 : Math.max(0, untilMs - nowMs);
  const isOver = leftMs === 0;
  useEffect(() => {
    setNowMs(Date.now());
    if (untilMs === undefined || isOver) return;
    const timer = setInterval(() => setNowMs(Date.now()), 500);
    return () => clearInterval(timer);
  }, [untilMs, isOver]);
  return Math.ceil(leftMs / 1_000);
}
