import { isTerminal } from "@openclaw-gateway/browser-client";
import type { SessionRow } from "@openclaw-gateway/protocol";
import { hasScope } from "@openclaw-gateway/protocol/wire";
import { useEffect, useRef, useState } from "react";
import { useAppState, useController } from "../../app/use-app.ts";
import type { Link } from "../connect/link.ts";
import type { Conversation } from "./conversation.ts";
import type { OutboxItem } from "./outbox.ts";

/** What can be done in a session now: whether it answers, how to stop it, why sending has to wait. */
export function useChatActions(
  { sessionKey, runs }: Conversation,
  pending: readonly OutboxItem[],
  row: SessionRow | undefined,
) {
  const { chat } = useController();
  const link = useAppState((state) => state.link);
  const [stopProblem, setStopProblem] = useState<string>();
  const running =
    runs.find(({ fold }) => !isTerminal(fold))?.runId ?? pending.find(({ state }) => state === "accepted")?.id;
  const isRunning = running !== undefined;

  useEffect(() => setStopProblem(undefined), [sessionKey, isRunning]);

  function stop(): void {
    if (running === undefined || chat === undefined) return;
    chat.abort(running).catch((error: unknown) => {
      setStopProblem(`It could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  const latestStop = useRef(stop);
  latestStop.current = stop;
  useEffect(() => {
    if (!isRunning) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      // An open dialog or input method has the first right to Escape.
      if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      latestStop.current();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isRunning]);

  return { isRunning, stop, stopProblem, blocked: whyBlocked(link, row) };
}

function whyBlocked(link: Link, row: SessionRow | undefined): string | undefined {
  if (link.at !== "online") return "Sending waits until the gateway is reached again; your text is kept";
  if (!hasScope(link.hello.auth?.scopes ?? ["operator.admin"], "operator.write"))
    return "This connection may read only";
  return row?.sendPolicy === "deny" ? "This session takes no messages" : undefined;
}
