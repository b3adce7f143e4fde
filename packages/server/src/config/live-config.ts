import { GatewayError, type Result } from "@openclaw-gateway/protocol";
import type { Clock } from "../platform/clock.ts";
import { createInTurn } from "../platform/in-turn.ts";
import type { Log } from "../platform/log.ts";
import { createConfigView } from "./config-view.ts";
import { ConfigError, formatIssue, type LoadedConfig, type LocatedIssue } from "./load.ts";
import { planReload, type ReloadPlan } from "./reload/plan.ts";
import { defaultReloadMode, type ReloadMode } from "./reload/reload-modes.ts";
import type { GatewayConfig } from "./schema.ts";
import type { UpdateConfig, WriteConfig } from "./write.ts";

/** Who changed it: the gateway itself, somebody who edited the file, or the secrets behind it. */
export type ConfigChangeSource = "write" | "file" | "secrets";

/** What became of the configuration of a running gateway. */
export type ReloadState = {
  /** Grows with every change of what stands here. */
  revision: number;
  mode: ReloadMode;
  appliedAt: number;
  /** Why the file as it is now does not count. */
  problem?: { path: string; issues: readonly LocatedIssue[] };
  /** Keys that differ from what the gateway was started with and need a restart. */
  needRestart: readonly string[];
  /** Fields whose secret could not be read again; the last good one counts. */
  staleSecrets: readonly LocatedIssue[];
};

export type ConfigChange = {
  source: ConfigChangeSource;
  keys: readonly string[];
  /** Of these, what counts only after a restart. */
  needRestart: readonly string[];
  restarts: boolean;
  path: string;
  hash: string | undefined;
};

export type LiveConfigDeps = {
  loaded: LoadedConfig;
  read: () => Promise<LoadedConfig>;
  write: WriteConfig;
  /** Whether this could be run with, as far as the content alone does not tell; throws `ConfigError`. The answer puts it into force. */
  prepare: (next: LoadedConfig) => Promise<() => void>;
  /** Something is in force now. */
  onChange: (change: ConfigChange) => void;
  /** What `state()` says has changed. */
  onState: () => void;
  clock: Clock;
  log: Log;
};

export type LiveConfig = {
  /** What holds now. */
  current(): GatewayConfig;
  /** The same object until the file changes. */
  view(): Result<"config.get">;
  /** Writes, then makes the gateway follow; resolves when both are done. */
  update: UpdateConfig;
  /** Looks at the file, which somebody else may have changed. Never rejects. */
  look(): Promise<void>;
  /** Reads secrets behind references again. Rejects when what is found cannot be used. */
  reloadSecrets(): Promise<{ changed: readonly string[]; stale: readonly LocatedIssue[] }>;
  state(): ReloadState;
};

/** The configuration of a running gateway: what is shown of it, and changes that take effect at once. */
export function createLiveConfig(deps: LiveConfigDeps): LiveConfig {
  const { loaded, clock, log } = deps;
  const atStart = loaded.config;
  // What is written, looked at and read again must not overtake each other.
  const inTurn = createInTurn();
  const change = <T>(work: () => Promise<T>): Promise<T> => inTurn("change", work);
  /** Of the file as it was last looked at, whether it counts or not. */
  let seen = loaded.hash;
  let view = createConfigView(loaded);
  let current = loaded.config;
  let appliedAt = clock.now();
  let problem: ReloadState["problem"];
  let stale: readonly LocatedIssue[] = [];
  let needRestart: readonly string[] = [];
  let revision = 0;
  function changedState(): void {
    revision++;
    deps.onState();
  }

  const modeOf = (config: GatewayConfig): ReloadMode => config.gateway?.reload?.mode ?? defaultReloadMode;

  function show(next: LoadedConfig): void {
    seen = next.hash;
    view = createConfigView(next);
    if (next.valid) current = next.config;
  }

  function keep(next: LoadedConfig, issues: readonly LocatedIssue[]): void {
    seen = next.hash;
    if (next.exists) view = createConfigView({ ...next, valid: false, issues: [...issues] });
    problem = { path: next.path, issues };
    log.error(
      { file: next.path, issues: issues.map((issue) => formatIssue(next.path, issue)) },
      "the configuration file cannot be used as it is now; what held before still holds",
    );
    changedState();
  }

  function take(next: LoadedConfig, putIntoForce: () => void, source: ConfigChangeSource): ReloadPlan {
    const mode = modeOf(next.config);
    const plan = planReload(current, next.config, mode);
    show(next);
    problem = undefined;
    warnOfStale(next);
    appliedAt = clock.now();
    needRestart = planReload(atStart, current, mode).needRestart;
    if (plan.changed.length > 0) {
      putIntoForce();
      log.info({ keys: plan.changed, source }, "the configuration has changed");
      if (plan.needRestart.length > 0 && !plan.restarts)
        log.warn({ keys: plan.needRestart }, "these keys of the configuration count after a restart of the gateway");
      const { changed: keys, restarts } = plan;
      deps.onChange({ source, keys, needRestart: plan.needRestart, restarts, path: next.path, hash: next.hash });
    }
    changedState();
    return plan;
  }

  function warnOfStale(next: LoadedConfig): void {
    stale = next.staleSecrets;
    if (stale.length === 0) return;
    const fields = stale.map((issue) => formatIssue(next.path, issue));
    log.warn({ fields }, "secrets could not be read again; the last good ones count");
  }

  async function look(): Promise<void> {
    const next = await deps.read().catch((error: unknown) => error);
    if (next instanceof ConfigError) {
      // Told once, not with every look.
      if (problem?.issues[0]?.message === next.issues[0]?.message) return;
      problem = { path: next.path, issues: next.issues };
      log.error({ file: next.path, err: next }, "the configuration file cannot be read; what held before still holds");
      return changedState();
    }
    if (next instanceof Error) return log.error({ err: next }, "the configuration file could not be looked at");
    const file = next as LoadedConfig;
    if (file.hash === seen) return;
    const missing = whatIsMissing(file);
    if (missing !== undefined) return keep(file, [{ path: "", message: missing }]);
    if (!file.valid) return keep(file, file.issues);
    try {
      const putIntoForce = await deps.prepare(file);
      take(file, putIntoForce, "file");
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      keep(file, error.issues);
    }
  }

  return {
    current: () => current,
    view: () => view,
    update: (edit, options = {}) =>
      change(async () => {
        let putIntoForce: (() => void) | undefined;
        const next = await deps.write(edit, {
          ...options,
          accept: async (candidate) => void (putIntoForce = await deps.prepare(candidate)),
        });
        // The same text may have been written by somebody else a moment ago.
        const isNew = putIntoForce !== undefined || (next.hash !== seen && next.valid);
        if (!isNew) return { ...next, ...nothing };
        return { ...next, ...take(next, putIntoForce ?? (await deps.prepare(next)), "write") };
      }),
    look: () =>
      change(look).catch((error: unknown) => log.error({ err: error }, "a changed configuration could not be applied")),
    reloadSecrets: () =>
      change(async () => {
        const next = await deps.read();
        if (!next.valid || whatIsMissing(next) !== undefined) {
          if (next.hash !== seen) keep(next, next.issues);
          throw unusable(next);
        }
        const source = next.hash === seen ? "secrets" : "file";
        const { changed } = take(next, await deps.prepare(next), source);
        return { changed, stale };
      }).catch((error: unknown) => {
        throw error instanceof ConfigError ? unusable({ path: error.path, issues: [...error.issues] }) : error;
      }),
    state: () => ({
      revision,
      mode: modeOf(current),
      appliedAt,
      ...(problem && { problem }),
      needRestart,
      staleSecrets: stale,
    }),
  };
}

const nothing: ReloadPlan = { changed: [], needRestart: [], restarts: false };

/** Editors and scripts that cut a file before they write it must not take everything away. */
function whatIsMissing({ exists, raw }: LoadedConfig): string | undefined {
  if (!exists) return "is gone; put it back, or stop the gateway";
  return raw !== undefined && raw.trim() === "" ? "is empty" : undefined;
}

const unusable = ({ path, issues }: Pick<LoadedConfig, "path" | "issues">): GatewayError =>
  new GatewayError(
    "UNAVAILABLE",
    `the configuration cannot be used: ${issues.map((issue) => formatIssue(path, issue)).join("; ")}`,
    {
      details: { issues: issues.map(({ path: at, message, line }) => ({ path: at, message, line })) },
    },
  );
