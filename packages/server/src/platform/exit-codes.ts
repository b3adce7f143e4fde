/** Exit codes of the program; the numbers follow sysexits where it has one. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** The database cannot be written any more; a new process may help. */
  storage: 74,
  /** Another gateway holds the state folder. */
  alreadyRunning: 75,
  /** The port cannot be had. */
  portUnavailable: 76,
  /** The configuration is invalid; the output says where. */
  configuration: 78,
} as const;
