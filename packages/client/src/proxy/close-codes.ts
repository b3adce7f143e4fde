/** Codes with which a proxy closes a page's link for reasons of its own. */
export const proxyCloseCodes = {
  /** The first frame was no readable `connect`, or none came in time. */
  notConnect: 4000,
  /** No gateway is configured. */
  noGateway: 4001,
  /** The gateway cannot be reached, or was lost. */
  gatewayLost: 4002,
} as const;

/** No code was sent (1005), the link broke (1006): such codes never stand in a close frame. */
const unsendable = new Set([1004, 1005, 1006, 1015]);

/** Whether a code that one end gave may be given to the other. */
export const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && !unsendable.has(code)) || (code >= 3000 && code <= 4999);

export const noCode = 1005;
