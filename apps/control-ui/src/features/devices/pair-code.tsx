import type { Result } from "@openclaw-gateway/protocol";
import { useState } from "react";
import { useController } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { useCountdown } from "../../ui/use-countdown.ts";

type Code = Result<"device.pair.setupCode">;

/** Makes a code that pairs one device, once: a link for a browser, the code itself for an app or a node. */
export function PairCode() {
  const { devices, place } = useController();
  const [code, setCode] = useState<Code>();
  const [problem, setProblem] = useState<string>();

  async function make(profile: "limited" | "node"): Promise<void> {
    setProblem(undefined);
    try {
      setCode(await devices?.makeCode(profile, location.origin.replace(/^http/, "ws") + place));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <section aria-labelledby="pair-code" className="rounded-2xl border border-line bg-surface p-4 text-sm">
      <h2 className="font-semibold" id="pair-code">
        Pair another device
      </h2>
      <p className="mt-1 text-muted">
        A one-time code lets a device in without the gateway's secret and without a further approval. It works once and
        for ten minutes.
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button onClick={() => void make("limited")}>Code for a browser or app</Button>
        <Button onClick={() => void make("node")}>Code for a node</Button>
      </div>
      {problem !== undefined && (
        <p className="mt-3 rounded-lg bg-danger-soft p-3" role="alert">
          {problem}
        </p>
      )}
      {code && <Shown code={code} key={code.setupId} place={place} />}
    </section>
  );
}

function Shown({ code, place }: { code: Code; place: string }) {
  const seconds = useCountdown(code.expiresAtMs);
  if (seconds === 0)
    return (
      <p className="mt-3 text-muted" role="status">
        The code is over. Make a new one.
      </p>
    );
  return (
    <div className="mt-4 space-y-3">
      {code.access === "limited" && (
        <div>
          <p className="mb-1 font-medium">Link for a browser</p>
          <CopyLine label="Copy the link" text={`${location.origin}${place}/#code=${code.setupCode}`} />
        </div>
      )}
      <div>
        <p className="mb-1 font-medium">
          {code.access === "node" ? "Set-up code for a node" : "Set-up code for an app"}
        </p>
        <CopyLine label="Copy the code" text={code.setupCode} />
      </div>
      <p className="text-muted">
        {code.access === "node"
          ? "The node may then offer its commands; you approve those on their own."
          : "The device may then read, write and answer approvals; not administer the gateway."}{" "}
        <span className="tabular-nums">
          {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")} left.
        </span>
      </p>
    </div>
  );
}
