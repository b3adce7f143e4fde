/** Commands that only show or ask something of the device itself. */
const harmless = [
  "canvas.",
  "camera.list",
  "location.",
  "device.",
  "contacts.",
  "calendar.",
  "reminders.",
  "photos.",
  "motion.",
  "talk.",
  "system.notify",
];

/** What somebody must hold to let a node offer these commands. A command nobody has classified counts as running programs. */
export function scopesToApprove(
  commands: readonly string[],
): readonly ("operator.pairing" | "operator.write" | "operator.admin")[] {
  if (commands.length === 0) return ["operator.pairing"];
  const isHarmless = commands.every((command) => harmless.some((start) => command.startsWith(start)));
  return ["operator.pairing", isHarmless ? "operator.write" : "operator.admin"];
}
