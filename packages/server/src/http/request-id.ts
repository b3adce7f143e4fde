import { randomUUID } from "node:crypto";

/** A caller may bring an id of its own, to find the request again. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : `req_${randomUUID().replaceAll("-", "")}`;
