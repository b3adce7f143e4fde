import { randomUUID } from "node:crypto";

/**
 * A random UUID for what lives long. Node.js hands out a text of sixteen joined pieces, half a kilobyte that stays as long
 * as the id does; this one is whole.
 */
export const createLastingId = (): string => Buffer.from(randomUUID(), "latin1").toString("latin1");
