import type { ConfigurationState } from "@openclaw-gateway/protocol";
import type { ReloadState } from "../live-config.ts";
import { formatIssue } from "../load.ts";

/** The state of the configuration as `health` and `status` tell it. */
export const describeReload = ({
  mode,
  appliedAt,
  problem,
  needRestart,
  staleSecrets,
}: ReloadState): ConfigurationState => ({
  configReload: { hotReloadStatus: mode === "off" ? "disabled" : "active" },
  configuration: {
    mode,
    appliedAtMs: appliedAt,
    problems: problem?.issues.map((issue) => formatIssue(problem.path, issue)) ?? [],
    restartRequired: [...needRestart],
    staleSecrets: staleSecrets.map(({ path }) => path),
  },
});
