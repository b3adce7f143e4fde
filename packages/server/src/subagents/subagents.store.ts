import type { Database, Statement } from "../store/database.ts";
import { createQuery, prepared } from "../store/query.ts";
import type { SubagentStore, UnsettledSubagent } from "./subagent-store.ts";

type SubagentsTable = {
  run_id: string;
  child_key: string;
  parent_key: string;
  cleanup: string;
  report_as: string;
  /** 0 or 1. */
  reported: number;
  created_at: number;
};

const query = createQuery<{ subagents: SubagentsTable; runs: { run_id: string } }>();

/** Part of the commit that accepts the sub-agent's run, before the run itself: one that is known already has its row, or is settled. */
export const insertSubagent = prepared<{
  runId: string;
  childKey: string;
  parentKey: string;
  cleanup: string;
  createdAt: number;
}>((param) =>
  query
    .insertInto("subagents")
    .columns(["run_id", "child_key", "parent_key", "cleanup", "report_as", "reported", "created_at"])
    .expression(
      query
        .selectNoFrom((eb) => [
          param("runId").as("run_id"),
          param("childKey").as("child_key"),
          param("parentKey").as("parent_key"),
          param("cleanup").as("cleanup"),
          eb.val("turn").as("report_as"),
          eb.val(0).as("reported"),
          param("createdAt").as("created_at"),
        ])
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("runs").select("run_id").where("run_id", "=", param("runId")))),
        ),
    ),
);

const forgetKept = prepared<{ runId: string }>((param) =>
  query.deleteFrom("subagents").where("run_id", "=", param("runId")).where("cleanup", "=", "keep"),
);
const markReported = prepared<{ runId: string }>((param) =>
  query.updateTable("subagents").set({ reported: 1 }).where("run_id", "=", param("runId")),
);

/** Part of the commit that puts the report into the parent's session. */
export const reportSubagent = (runId: string): Statement[] => [forgetKept({ runId }), markReported({ runId })];

const settle = prepared<{ runId: string }>((param) =>
  query.deleteFrom("subagents").where("run_id", "=", param("runId")),
);
const quieten = prepared<{ parentKey: string }>((param) =>
  query.updateTable("subagents").set({ report_as: "note" }).where("parent_key", "=", param("parentKey")),
);
const countOpen = prepared<{ parentKey: string }>((param) =>
  query
    .selectFrom("subagents")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where("parent_key", "=", param("parentKey"))
    .where("reported", "=", 0),
);
const ofParent = prepared<{ parentKey: string }>((param) =>
  query.selectFrom("subagents").selectAll().where("parent_key", "=", param("parentKey")).orderBy("created_at"),
);
const ofChild = prepared<{ childKey: string }>((param) =>
  query.selectFrom("subagents").selectAll().where("child_key", "=", param("childKey")).orderBy("created_at"),
);
const all = prepared<object>(() => query.selectFrom("subagents").selectAll().orderBy("created_at"));

export function createSubagentStore(db: Database): SubagentStore {
  return {
    unsettled: async (of) => {
      const records =
        of === undefined
          ? await db.scan<SubagentsTable>(all({}))
          : await db.read<SubagentsTable>("parentKey" in of ? ofParent(of) : ofChild(of));
      return records.map(toUnsettled);
    },
    countOpen: async (parentKey) => {
      const [row] = await db.read<{ count: number }>(countOpen({ parentKey }));
      return row?.count ?? 0;
    },
    quieten: async (parentKey) => {
      await db.write([quieten({ parentKey })]);
    },
    settle: async (runId) => {
      await db.write([settle({ runId })]);
    },
  };
}

const toUnsettled = (record: SubagentsTable): UnsettledSubagent => ({
  runId: record.run_id,
  childKey: record.child_key,
  parentKey: record.parent_key,
  cleanup: record.cleanup === "delete" ? "delete" : "keep",
  reportAs: record.report_as === "note" ? "note" : "turn",
  isReported: record.reported === 1,
  createdAt: record.created_at,
});
