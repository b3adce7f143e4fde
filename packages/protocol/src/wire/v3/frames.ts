/** Frame members of protocol 3 beside type, id, method and params: none; any other is refused. */
export const optionalFrameMembers: ReadonlySet<string> = new Set();
