/** Calendar version of this release; clients compare `hello-ok.server.version` by date. */
export const gatewayVersion = "2026.11.20";
