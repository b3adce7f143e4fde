import type { AuditEvent, AuditKind } from "@openclaw-gateway/protocol";
import { hasScope } from "@openclaw-gateway/protocol/wire";
import { useState } from "react";
import { NotAllowed, PageFrame } from "../../app/page-frame.tsx";
import { useAppState } from "../../app/use-app.ts";
import { Button } from "../../ui/button.tsx";
import { Spinner } from "../../ui/spinner.tsx";
import { actorText, detailLines, kindNames } from "./audit-text.ts";
import { useAuditLog } from "./use-audit-log.ts";

/** Who connected, was refused, paired, changed or approved something. */
export function AuditPage({ onMenu }: { onMenu: () => void }) {
  const link = useAppState((state) => state.link);
  const scopes = link.at === "online" || link.at === "reconnecting" ? (link.hello.auth?.scopes ?? []) : [];
  return (
    <PageFrame title="Audit log" onMenu={onMenu}>
      {hasScope(scopes, "operator.admin") ? (
        <Log />
      ) : (
        <NotAllowed scope="operator.admin">Only an administrator of the gateway reads the audit log.</NotAllowed>
      )}
    </PageFrame>
  );
}

const isKind = (value: string): value is AuditKind => Object.hasOwn(kindNames, value);

function Log() {
  const [kind, setKind] = useState<AuditKind>();
  const { rows, isLoading, problem, hasMore, more, reload } = useAuditLog(kind);
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <label className="flex items-center gap-2 text-sm">
          Show
          <select
            className="h-9 rounded-lg border border-field bg-surface px-2"
            onChange={(event) => setKind(isKind(event.target.value) ? event.target.value : undefined)}
            value={kind ?? ""}
          >
            <option value="">everything</option>
            {Object.entries(kindNames).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Button icon="retry" onClick={reload}>
          Refresh
        </Button>
        {isLoading && <Spinner className="size-5" label="Loading the audit log" />}
      </div>
      {problem !== undefined && (
        <p className="mb-4 rounded-lg bg-danger-soft p-3 text-sm" role="alert">
          {problem}
        </p>
      )}
      <ol aria-label="Entries, newest first" className="divide-y divide-line rounded-2xl border border-line bg-surface">
        {rows.map((row) => (
          <Row key={row.sequence} row={row} />
        ))}
        {rows.length === 0 && !isLoading && <li className="p-4 text-sm text-muted">Nothing of this kind happened.</li>}
      </ol>
      {hasMore && (
        <div className="mt-4 text-center">
          <Button disabled={isLoading} onClick={more}>
            Show older entries
          </Button>
        </div>
      )}
    </>
  );
}

const statusLooks = { started: "text-muted", succeeded: "text-ok", blocked: "text-danger" } as const;

function Row({ row }: { row: AuditEvent }) {
  const date = new Date(row.occurredAt);
  const details = detailLines(row.detail);
  return (
    <li className="px-4 py-3 text-sm" data-action={row.action}>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-mono font-medium break-all">{row.action}</span>
        <span className={`text-xs font-medium ${statusLooks[row.status]}`}>{row.status}</span>
        {row.count > 1 && <span className="text-xs text-muted">{row.count} times</span>}
        <time className="ml-auto text-xs whitespace-nowrap text-muted" dateTime={date.toISOString()}>
          {date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })}
        </time>
      </p>
      <p className="mt-0.5 break-words text-muted">
        by <span className="text-ink">{actorText(row.actor)}</span>
        {row.subject !== undefined && (
          <>
            {" "}
            · <span className="break-all">{row.subject}</span>
          </>
        )}
      </p>
      {details.length > 0 && (
        <dl className="mt-1 text-xs text-muted">
          {details.map(([name, value]) => (
            <div className="flex gap-2" key={name}>
              <dt className="shrink-0">{name}</dt>
              <dd className="min-w-0 break-words text-ink">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
