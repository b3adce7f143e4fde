import { createHash, timingSafeEqual } from "node:crypto";
import { inspect } from "node:util";

/** A string that cannot be printed, logged or serialised by accident. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  /** Compares in constant time, whatever the lengths. */
  equals(candidate: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(candidate));
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}

const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
