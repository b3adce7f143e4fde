import { redactedMark } from "@openclaw-gateway/protocol";
import { redactValue } from "../platform/redaction.ts";

/** A copy of configuration with every secret replaced by the mark. Numbers such as `maxTokens` stay. */
export const redactConfig = (value: unknown): unknown => redactValue(value, redactedMark);
