import type { ClientOptions } from "./core/index.ts";

export * from "./core/index.ts";

/** Options on Node: the socket is `ws`, the address defaults to the gateway of this machine. */
export type NodeClientOptions = Omit<ClientOptions, "openSocket" | "url"> & Partial<Pick<ClientOptions, "openSocket" | "url">>;
