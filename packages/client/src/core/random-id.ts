/** A fresh identifier of 128 random bits, for idempotency keys; works in pages without a secure context, too. */
export function createRandomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
