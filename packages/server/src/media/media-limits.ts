/** What of images one entrance takes. */
export type MediaLimits = {
  images: {
    /** Of one request. */
    maxCount: number;
    /** Of one image. */
    maxBytes: number;
    allowedTypes: ReadonlySet<string>;
  };
};

const MiB = 1_048_576;

export const defaultMediaLimits: MediaLimits = {
  images: {
    maxCount: 16,
    maxBytes: 10 * MiB,
    allowedTypes: new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]),
  },
};
