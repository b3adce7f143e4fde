import type { FrameForm } from "../frames.ts";

/** The other form that clients of protocol 1 write: a request is a `request`, and events are broadcasts of `data`. */
export const longFrames: FrameForm = {
  request: "request",
  response: "response",
  event: "broadcast",
  eventBody: "data",
  numbersEvents: false,
};
