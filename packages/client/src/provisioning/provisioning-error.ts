/** What a gateway answered well, and what still makes provisioning impossible. */
export class ProvisioningError extends Error {
  override readonly name = "ProvisioningError";
  /** `id-changed`: the agent came to be under another id. `not-configured`: the configuration does not list the agent. */
  readonly reason: "id-changed" | "not-configured";
  constructor(reason: ProvisioningError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}
