import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const slack = 64;
/** Pixels that rounding makes. */
const touch = 4;

/**
 * Keeps the end of a growing list in view as long as the reader is there; whoever scrolls up is left alone. `key` names
 * the list: another one starts at its end.
 */
export function useFollowScroll(
  frame: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  key: string,
) {
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
      // Growth changes the distance too, but only a reader scrolls upward.
      if (isUpward && distance > touch) isFollowing.current = false;
      else if (!isUpward && distance <= slack) isFollowing.current = true;
      setAtEnd(isFollowing.current || distance <= slack);
    };
    // Whoever opens a card wants to see its beginning.
    const onClick = ({ target }: MouseEvent): void => {
      if (target instanceof Element && target.closest("summary") !== null) isFollowing.current = false;
    };
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) element.scrollTop = element.scrollHeight;
      else setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight <= slack);
    });
    element.addEventListener("click", onClick);
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
      element.removeEventListener("click", onClick);
    };
  }, [frame, content]);

  return { isAtEnd, jump };
}
