import { text } from "node:stream/consumers";
import { CommandError } from "../exit-codes.ts";

/** The message as written, or standard input for `-`. */
export async function readMessage(given: string): Promise<string> {
  const message = given === "-" ? (await text(process.stdin)).trimEnd() : given;
  if (message.trim() !== "") return message;
  throw new CommandError("usage", "the message is empty", { fix: "write it after the command, or pipe it in with -" });
}
