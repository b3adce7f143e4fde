import { GatewayError } from "@openclaw-gateway/protocol";
import { LabelInUseError } from "../../conversations/conversation-errors.ts";

/** Says to a client that another session has the label. */
export async function explainLabel<T>(label: string | null | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LabelInUseError) throw new GatewayError("INVALID_REQUEST", `label already in use: ${label}`);
    throw error;
  }
}
