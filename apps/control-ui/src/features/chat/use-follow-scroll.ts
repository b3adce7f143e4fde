import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const slack = 64;

/**
 * Keeps the end of a growing list in view as long as the reader is there; whoever scrolls up is left alone. `key` names
 * the list: another one starts at its end.
 */
export function useFollowScroll(frame: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>, key: string) {
  const isFollowing = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const jump = useCallback(() => {
    const element = frame.current;
    if (element === null) return;
    isFollowing.current = true;
    element.scrollTop = element.scrollHeight;
    setAtEnd(true);
  }, [frame]);

  useLayoutEffect(jump, [jump, key]);

  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    let lastTop = element.scrollTop;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      const isUpward = element.scrollTop < lastTop;
      lastTop = element.scrollTop;
      if (distance <= slack) isFollowing.current = true;
      // Growth changes the distance too, but only a reader scrolls upward.
      else if (isUpward) isFollowing.current = false;
      setAtEnd(isFollowing.current);
    };
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [frame, content]);

  return { isAtEnd, jump };
}
