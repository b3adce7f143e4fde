import { CopyLine } from "../../ui/copy-line.tsx";
import type { OriginRefusal } from "./ask-gateway.ts";

/** The gateway answers, but not to pages of this origin: the setting that would change it. */
export function OriginRefused({ origin, setting }: OriginRefusal) {
  return (
    <div role="alert">
      <h2 className="font-semibold">The gateway does not know this address</h2>
      <p className="mt-2 text-sm text-muted">
        It runs, and refuses connections from pages of <code className="break-words text-ink">{origin}</code>. To allow
        them add the origin to <strong className="text-ink">gateway.controlUi.allowedOrigins</strong> in{" "}
        <code className="text-ink">openclaw.json</code> where the gateway runs:
      </p>
      <div className="mt-3">
        <CopyLine label="Copy the setting" text={JSON.stringify(setting, null, 2)} />
      </div>
      <p className="mt-3 text-sm text-muted">
        A running gateway follows the file when it is saved, and this page goes on by itself. Behind a reverse proxy,
        let it pass the Host header on as it came.
      </p>
    </div>
  );
}
