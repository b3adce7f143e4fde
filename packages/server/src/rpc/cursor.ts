import { GatewayError } from "@openclaw-gateway/protocol";
import { z } from "zod";

/**
 * Places in a list that clients hand back without looking inside. `kind` and version are part of the text, so that a
 * cursor of another method, or of an older release, is refused instead of misread.
 */
export function createCursor<Place extends z.ZodType>(kind: string, place: Place) {
  const whole = z.tuple([z.literal(kind), place]);
  return {
    write: (value: z.input<Place>): string => Buffer.from(JSON.stringify([kind, value])).toString("base64url"),
    /** The place, or undefined for what is no such cursor. */
    read: (text: string): z.output<Place> | undefined => {
      let value: unknown;
      try {
        value = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
      } catch {
        return undefined;
      }
      const parsed = whole.safeParse(value);
      return parsed.success ? (parsed.data[1] as z.output<Place>) : undefined;
    },
  };
}

export const notACursor = (param: string, from: string): GatewayError =>
  new GatewayError("INVALID_REQUEST", `${param}: not a cursor of this method; use ${from} of an earlier answer`, {
    details: { reason: "invalid-cursor", param },
  });

/** Refuses parameters that each choose a page. */
export function atMostOne(method: string, given: Record<string, unknown>): void {
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  if (names.length > 1) throw new GatewayError("INVALID_REQUEST", `${method}: give ${names.join(" or ")}, not both`);
}
