import { ConnectionError } from "@openclaw-gateway/browser-client";
import type { AuditEvent, AuditKind } from "@openclaw-gateway/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { useAppState, useController } from "../../app/use-app.ts";

const pageSize = 50;

/** The audit log of one kind, or all of it: newest first, older entries on request. */
export function useAuditLog(kind: AuditKind | undefined) {
  const { readAudit } = useController();
  const isOnline = useAppState((state) => state.link.at === "online");
  const [rows, setRows] = useState<readonly AuditEvent[]>([]);
  const [cursor, setCursor] = useState<number>();
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const latest = useRef(0);

  const read = useCallback(
    async (from?: number) => {
      const own = ++latest.current;
      setLoading(true);
      try {
        const page = await readAudit({
          limit: pageSize,
          ...(kind !== undefined && { kind }),
          ...(from !== undefined && { cursor: from }),
        });
        if (own !== latest.current) return;
        setRows((known) => (from === undefined ? page.events : [...known, ...page.events]));
        setCursor(page.nextCursor);
        setProblem(undefined);
      } catch (error) {
        // A lost link is told by the page around this, and read again after it.
        if (own === latest.current && !(error instanceof ConnectionError))
          setProblem(error instanceof Error ? error.message : String(error));
      } finally {
        if (own === latest.current) setLoading(false);
      }
    },
    [readAudit, kind],
  );

  useEffect(() => {
    if (isOnline) void read();
  }, [isOnline, read]);

  return {
    rows,
    isLoading,
    problem,
    hasMore: cursor !== undefined,
    more: () => void read(cursor),
    reload: () => void read(),
  };
}
