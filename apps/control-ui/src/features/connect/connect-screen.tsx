import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useAppState, useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Icon, Logo } from "../../ui/icon.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { useCountdown } from "../../ui/use-countdown.ts";
import type { OriginRefusal } from "./ask-gateway.ts";
import type { Link } from "./link.ts";
import { OriginRefused } from "./origin-refused.tsx";
import { problemText } from "./problem-text.ts";
import { obstacleText } from "./this-device.ts";

/** Asks for the secret of the gateway that served the page, and tells why it was not enough. */
export function ConnectScreen({ link }: { link: Extract<Link, { at: "connecting" | "signed-out" | "unreachable" }> }) {
  const { link: gateway } = useController();
  const thisDevice = useAppState((state) => state.thisDevice);
  const [secret, setSecret] = useState("");
  const [isRemembered, setRemembered] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();
  const hintId = useId();

  const problem = link.at === "signed-out" ? link.problem : undefined;
  const secondsLeft = useCountdown(problem?.kind === "locked-out" ? problem.untilMs : undefined);
  const isLocked = problem?.kind === "locked-out" && secondsLeft > 0;
  const isBusy = link.at === "connecting";
  const isWrong = problem?.kind === "wrong-credential";

  useEffect(() => {
    if (link.at === "signed-out") field.current?.focus();
    if (isWrong) field.current?.select();
  }, [link.at, isWrong]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const trimmed = secret.trim();
    if (trimmed === "" || isLocked || isBusy) return;
    gateway.signIn(trimmed, isRemembered);
  }

  return (
    <main className="flex h-full justify-center overflow-y-auto px-4 py-10 sm:items-center">
      <div className="w-full max-w-sm">
        <Logo className="mb-5 size-12" />
        <h1 className="text-2xl font-semibold tracking-tight">Connect to your gateway</h1>
        <p className="mt-1.5 text-sm text-muted">
          <span className="font-mono break-all">{location.host}</span>
        </p>
        {link.at === "unreachable" ? (
          <Unreachable onRetry={gateway.retryNow} refusal={link.refusal} retryAtMs={link.retryAtMs} />
        ) : (
          <form className="mt-6 rounded-2xl border border-line bg-surface p-5 shadow-soft" onSubmit={submit}>
            {problem && <Problem problem={problemText(problem, secondsLeft)} />}
            {/* Password managers file the secret under a name. */}
            <input autoComplete="username" hidden readOnly value={location.host} />
            <label className="block text-sm font-medium" htmlFor={fieldId}>
              Token or password
            </label>
            <input
              aria-describedby={hintId}
              aria-invalid={isWrong}
              autoCapitalize="off"
              autoComplete="current-password"
              className="mt-1.5 h-11 w-full rounded-lg border border-field bg-paper px-3 font-mono text-base outline-offset-1"
              id={fieldId}
              name="secret"
              onChange={(event) => setSecret(event.target.value)}
              ref={field}
              spellCheck={false}
              type="password"
              value={secret}
            />
            <p className="mt-2 text-xs text-muted" id={hintId}>
              The gateway prints a link with its token when it starts; “openclaw gateway token” shows it again.
            </p>
            <label className="mt-4 flex min-h-9 items-center gap-2.5 text-sm">
              <input
                checked={isRemembered}
                className="size-4 accent-accent"
                onChange={(event) => setRemembered(event.target.checked)}
                type="checkbox"
              />
              Remember on this device
            </label>
            <Button
              className="mt-3 min-h-11 w-full"
              disabled={isLocked || isBusy || secret.trim() === ""}
              look="primary"
              type="submit"
            >
              {isBusy ? "Connecting…" : "Connect"}
            </Button>
            {thisDevice !== undefined && "obstacle" in thisDevice && (
              <p className="mt-4 border-t border-line pt-3 text-xs text-muted">{obstacleText[thisDevice.obstacle]}</p>
            )}
          </form>
        )}
      </div>
    </main>
  );
}

function Problem({ problem }: { problem: ReturnType<typeof problemText> }) {
  if (problem === undefined) return null;
  return (
    <div className="mb-4 flex gap-3 rounded-lg bg-danger-soft p-3 text-sm">
      <Icon className="mt-0.5 size-5 text-danger" name="alert" />
      <div>
        <p className="font-semibold text-danger" role="alert">
          {problem.title}
        </p>
        {/* Outside of the alert: a countdown read aloud each second would be no help. */}
        <p className="mt-0.5">{problem.detail}</p>
      </div>
    </div>
  );
}

type UnreachableProps = { retryAtMs: number | undefined; refusal: OriginRefusal | undefined; onRetry: () => void };

function Unreachable({ retryAtMs, refusal, onRetry }: UnreachableProps) {
  const seconds = useCountdown(retryAtMs);
  return (
    <section className="mt-6 rounded-2xl border border-line bg-surface p-5 shadow-soft">
      {refusal ? (
        <OriginRefused {...refusal} />
      ) : (
        <div role="alert">
          <h2 className="flex items-center gap-2 font-semibold">
            <Icon className="size-5 text-warn" name="alert" />
            Gateway unreachable
          </h2>
          <p className="mt-2 text-sm text-muted">
            Nothing answers at this address. Is the gateway running? This page goes on trying.
          </p>
        </div>
      )}
      <div className="mt-4 flex items-center justify-between gap-3 text-sm">
        {seconds > 0 ? (
          <span className="tabular-nums text-muted">Next attempt in {seconds} s</span>
        ) : (
          <Spinner label="Connecting" />
        )}
        <Button icon="retry" onClick={onRetry}>
          Retry now
        </Button>
      </div>
    </section>
  );
}
