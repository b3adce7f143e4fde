/** A label that another session has already. */
export class LabelInUseError extends Error {
  override readonly name = "LabelInUseError";
  readonly label: string;
  constructor(label: string, options?: ErrorOptions) {
    super(`label already in use: ${label}`, options);
    this.label = label;
  }
}

/** The session was reset or deleted, or the run has ended, before its first message could be written. */
export class TranscriptChangedError extends Error {
  override readonly name = "TranscriptChangedError";
  constructor(key: string) {
    super(`the session changed before the run could start: ${key}`);
  }
}
