import { auditMigrations } from "../audit/audit.store.ts";
import { approvalsMigrations } from "../approvals/approvals.migrations.ts";
import { deviceMigrations } from "../auth/device.migrations.ts";
import { deviceTokensMigrations } from "../auth/device-tokens.migrations.ts";
import { conversationMigrations } from "../conversations/conversation.migrations.ts";
import { compactionMigrations } from "../conversations/compaction.migrations.ts";
import { resetsMigrations } from "../conversations/resets.migrations.ts";
import { messageIdsMigrations } from "../conversations/message-ids.migrations.ts";
import { outputsMigrations } from "../conversations/outputs.migrations.ts";
import { discardMigrations } from "../conversations/discard.migrations.ts";
import { responseRunsMigrations } from "../conversations/response-runs.migrations.ts";
import { searchMigrations } from "../conversations/search.migrations.ts";
import { sessionFlagsMigrations } from "../conversations/session-flags.migrations.ts";
import { preferencesMigrations } from "../preferences/preferences.store.ts";
import { budgetMigrations, usageMigrations } from "../usage/usage.migrations.ts";
import { subagentMigrations } from "../subagents/subagents.migrations.ts";
import type { Migration } from "./database.ts";
import { idempotencyMigrations } from "./idempotency.store.ts";

/** Every step of the schema, in order. A step that has been released is never changed: the next id follows it. */
export const allMigrations: readonly Migration[] = [
  ...conversationMigrations,
  ...idempotencyMigrations,
  ...usageMigrations,
  ...sessionFlagsMigrations,
  ...preferencesMigrations,
  ...searchMigrations,
  ...subagentMigrations,
  ...budgetMigrations,
  ...auditMigrations,
  ...compactionMigrations,
  ...approvalsMigrations,
  ...deviceMigrations,
  ...resetsMigrations,
  ...messageIdsMigrations,
  ...outputsMigrations,
  ...discardMigrations,
  ...deviceTokensMigrations,
  ...responseRunsMigrations,
];
