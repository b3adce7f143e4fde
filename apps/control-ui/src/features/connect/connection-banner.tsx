import { useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { useCountdown } from "../../ui/use-countdown.ts";
import type { Link } from "./link.ts";

/** Says that the link is lost and when it is tried again; everything on the page stays readable meanwhile. */
export function ConnectionBanner({ link }: { link: Extract<Link, { at: "reconnecting" }> }) {
  const { link: gateway } = useController();
  const seconds = useCountdown(link.retryAtMs);
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-1.5 text-sm">
      <p className="min-w-0 flex-1" role="status">
        <span className="font-semibold text-warn">Connection lost.</span> Reconnecting; nothing you wrote is lost.
      </p>
      {seconds > 0 ? (
        <span aria-hidden="true" className="tabular-nums text-muted">
          in {seconds} s
        </span>
      ) : (
        <Spinner label="Connecting" />
      )}
      <Button icon="retry" onClick={gateway.retryNow}>
        Retry now
      </Button>
    </div>
  );
}
