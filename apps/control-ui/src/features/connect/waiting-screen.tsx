import { useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Icon, Logo } from "../../ui/icon.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import type { Link } from "./link.ts";

type Waiting = Extract<Link, { at: "waiting-for-approval" }>;

const asks: Readonly<Record<string, string>> = {
  "scope-upgrade": "This browser is paired, and now asks for more than was approved.",
  "role-upgrade": "This browser's access was revoked, so somebody has to approve it again.",
};

const endings = {
  rejected: { title: "Not approved", detail: "Somebody refused the request of this browser." },
  expired: { title: "Nobody answered", detail: "The request waited for five minutes and is over." },
} as const;

/** The gateway knows the secret is right, and wants a person to say that this browser may be paired. */
export function WaitingScreen({ request, outcome }: Pick<Waiting, "request" | "outcome">) {
  const { link: gateway } = useController();
  return (
    <main className="flex h-full justify-center overflow-y-auto px-4 py-10 sm:items-center">
      <div className="w-full max-w-md">
        <Logo className="mb-5 size-12" />
        <h1 className="text-2xl font-semibold tracking-tight">
          {outcome === "waiting" ? "Waiting for approval" : endings[outcome].title}
        </h1>
        <p className="mt-1.5 text-sm text-muted">
          <span className="font-mono break-all">{location.host}</span>
        </p>
        {outcome === "waiting" ? <Asking request={request} /> : <Ended outcome={outcome} />}
        <div className="mt-4 flex flex-wrap gap-2">
          {outcome !== "waiting" && (
            <Button icon="retry" look="primary" onClick={gateway.askAgain}>
              Ask again
            </Button>
          )}
          <Button onClick={gateway.signOut}>Sign in another way</Button>
        </div>
      </div>
    </main>
  );
}

function Asking({ request: { requestId, reason } }: Pick<Waiting, "request">) {
  return (
    <section aria-label="Request" className="mt-6 rounded-2xl border border-line bg-surface p-5 text-sm shadow-soft">
      <p className="flex items-center gap-2.5 font-medium" role="status">
        <Spinner label="Waiting" />
        {asks[reason] ?? "This browser is new to the gateway."}
      </p>
      <p className="mt-3 text-muted">
        Approve it under “Devices” in a dashboard that is signed in, or with this command where the gateway runs. The
        page goes on by itself.
      </p>
      <div className="mt-3">
        <CopyLine label="Copy the command" text={`openclaw devices approve ${requestId}`} />
      </div>
      <p className="mt-3 text-xs text-muted">
        Request <code className="break-all text-ink">{requestId}</code>
      </p>
    </section>
  );
}

function Ended({ outcome }: { outcome: keyof typeof endings }) {
  return (
    <section className="mt-6 flex gap-3 rounded-2xl border border-line bg-surface p-5 text-sm shadow-soft">
      <Icon className="mt-0.5 size-5 text-warn" name="alert" />
      <p role="alert">{endings[outcome].detail}</p>
    </section>
  );
}
