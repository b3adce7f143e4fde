/** Frame members that protocol-4 clients may add to a request. */
export const optionalFrameMembers: ReadonlySet<string> = new Set(["traceparent", "expectedProfileId"]);
