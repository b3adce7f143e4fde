/** What somebody with a bearer never calls by itself: it reaches the machine, and approvals belong to turns that people see. */
const ofTheMachine = [
  "read",
  "write",
  "edit",
  "apply_patch",
  "exec",
  "process",
  "shell",
  "spawn",
  "fs_write",
  "fs_delete",
  "fs_move",
  "gateway",
  "nodes",
  "whatsapp_login",
];
/** What starts or steers other runs; the owner may allow it. */
const ofTheOwner = ["sessions_spawn", "sessions_send", "cron"];

/** The tools of an agent that a program may call: `gateway.tools.deny` takes away, `gateway.tools.allow` gives back what is the owner's. */
export function availableTools(
  names: readonly string[],
  { allow = [], deny = [] }: { allow?: readonly string[] | undefined; deny?: readonly string[] | undefined } = {},
): readonly string[] {
  const [allowed, denied] = [new Set(allow.map(spelled)), new Set(deny.map(spelled))];
  return names.filter(
    (name) => !denied.has(name) && !ofTheMachine.includes(name) && (!ofTheOwner.includes(name) || allowed.has(name)),
  );
}

const spelled = (name: string): string => name.trim().toLowerCase();
