export type OutboundFailure =
  /** The address is not one that may be asked: scheme, credentials in it, or where it leads. */
  | "refused"
  | "redirect"
  | "timeout"
  /** The other side, or the way to it. */
  | "network";

/** A request to the outside that was not made, or did not succeed. The message is fit for a model or a person to read. */
export class OutboundError extends Error {
  readonly failure: OutboundFailure;
  constructor(failure: OutboundFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OutboundError";
    this.failure = failure;
  }
}
