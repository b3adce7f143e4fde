import { z } from "zod";

const ms = z.int().min(1).max(120_000);
const bytes = z
  .int()
  .min(1)
  .max(20 * 1024 * 1024);

const EnvProvider = z.object({
  source: z.literal("env"),
  /** The only variables that may be asked for; all when absent. */
  allowlist: z.array(z.string()).optional(),
});
const FileProvider = z.object({
  source: z.literal("file"),
  path: z.string().min(1),
  /** `json`: the id is a pointer into the file; `singleValue`: the whole file is one secret. */
  mode: z.enum(["json", "singleValue"]).optional(),
  timeoutMs: ms.optional(),
  maxBytes: bytes.optional(),
  allowInsecurePath: z.boolean().optional(),
});
const ExecProvider = z.object({
  source: z.literal("exec"),
  command: z.string().min(1),
  args: z.array(z.string()).max(128).optional(),
  /** Variables of the gateway's environment that the command sees; it sees no other. */
  passEnv: z.array(z.string()).max(128).optional(),
  env: z.record(z.string(), z.string()).optional(),
  timeoutMs: ms.optional(),
  noOutputTimeoutMs: ms.optional(),
  maxOutputBytes: bytes.optional(),
  /** Only an answer in JSON counts; without it the output may be the one secret that was asked for. */
  jsonOnly: z.boolean().optional(),
  allowSymlinkCommand: z.boolean().optional(),
  allowInsecurePath: z.boolean().optional(),
  /** Folders that the command must lie in, after links. */
  trustedDirs: z.array(z.string().min(1)).max(64).optional(),
});

export const SecretProvider = z.union([EnvProvider, FileProvider, ExecProvider], {
  error: 'expected a provider with source "env", "file" (and a path) or "exec" (and a command)',
});
export type SecretProvider = z.output<typeof SecretProvider>;
export type EnvProvider = z.output<typeof EnvProvider>;
export type FileProvider = z.output<typeof FileProvider>;
export type ExecProvider = z.output<typeof ExecProvider>;

/** `secrets` of the configuration: where references lead. */
export const SecretsConfig = z.object({
  providers: z.record(z.string(), SecretProvider).optional(),
  defaults: z
    .object({ env: z.string().optional(), file: z.string().optional(), exec: z.string().optional() })
    .optional(),
});
export type SecretsConfig = z.output<typeof SecretsConfig>;
