/**
 * `gateway.reload.mode`: what a change may do to a running gateway. `hot` applies what can be applied and names the rest;
 * `hybrid` restarts for the rest; `restart` restarts for everything that some part must be told; `off` leaves the file alone.
 */
export const reloadModes = ["off", "restart", "hot", "hybrid"] as const;
export type ReloadMode = (typeof reloadModes)[number];

export const defaultReloadMode: ReloadMode = "hot";
export const defaultDebounceMs = 300;
