import { createGauge, type Instrument } from "./instruments.ts";

/** Numbers that the parts of the gateway keep for themselves. */
export type LiveNumbers = {
  /** Open connections by the protocol they speak; those before `connect` under `none`. */
  connections(): ReadonlyMap<string, number>;
  turns(): { running: number; queued: number };
  events(): { published: number; encoded: number; delivered: number; replaced: number };
};

export function createLiveMetrics({ connections, turns, events }: LiveNumbers): Instrument[] {
  const counter = (name: string, help: string, read: () => number): Instrument =>
    createGauge({ name, help, labels: [] }, () => [[[], read()]], "counter");
  const gauge = (name: string, help: string, read: () => number): Instrument =>
    createGauge({ name, help, labels: [] }, () => [[[], read()]]);
  return [
    createGauge(
      {
        name: "openclaw_connections",
        help: "Open connections by protocol; none before the handshake.",
        labels: ["protocol"],
      },
      () => Array.from(connections(), ([protocol, count]) => [[protocol], count] as const),
    ),
    gauge("openclaw_turns_running", "Turns that run now.", () => turns().running),
    gauge("openclaw_turns_queued", "Turns that wait.", () => turns().queued),
    counter("openclaw_events_published_total", "Events that happened.", () => events().published),
    counter("openclaw_events_encoded_total", "Events encoded, once for each protocol in use.", () => events().encoded),
    counter("openclaw_events_delivered_total", "Events handed to connections.", () => events().delivered),
    counter(
      "openclaw_events_replaced_total",
      "Events that a newer one took the place of, because a connection was behind.",
      () => events().replaced,
    ),
  ];
}
