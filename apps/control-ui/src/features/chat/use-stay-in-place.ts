import { type RefObject, useLayoutEffect, useRef } from "react";

type Beginning = { key: string; firstSeq: number | undefined; height: number };

/** Keeps what is read where it is when older messages are put before it. `key` names the list. */
export function useStayInPlace(frame: RefObject<HTMLElement | null>, key: string, firstSeq: number | undefined) {
  const before = useRef<Beginning>({ key: "", firstSeq: undefined, height: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    const known = before.current;
    const isPrepended =
      known.key === key && known.firstSeq !== undefined && firstSeq !== undefined && firstSeq < known.firstSeq;
    // A browser that anchors does so everywhere but at the very top.
    const isLeftToUs = element !== null && (element.scrollTop === 0 || !CSS.supports("overflow-anchor", "auto"));
    if (isPrepended && isLeftToUs) element.scrollTop += element.scrollHeight - known.height;
    // After every commit: the height that the next one grows from.
    before.current = { key, firstSeq, height: element?.scrollHeight ?? 0 };
  });
}
