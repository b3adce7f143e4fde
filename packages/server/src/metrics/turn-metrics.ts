import type { TurnWatch } from "../turns/turn-watch.ts";
import { createCounter, createHistogram, type Instrument, turnSeconds } from "./instruments.ts";

/** What turns, models and tools do. Names of tools and models are not told: callers and servers make them up. */
export function createTurnMetrics(): { watch: TurnWatch; instruments: readonly Instrument[] } {
  const turns = createCounter({
    name: "openclaw_turns_total",
    help: "Turns that have ended, by outcome.",
    labels: ["outcome"],
  });
  const turnTime = createHistogram(
    {
      name: "openclaw_turn_duration_seconds",
      help: "Time from the start of a turn to its end, without its wait in the queue.",
      labels: ["outcome"],
    },
    turnSeconds,
  );
  const firstText = createHistogram(
    {
      name: "openclaw_turn_first_token_seconds",
      help: "Time from the start of a turn to the first text of the model.",
      labels: [],
    },
    turnSeconds,
  );
  const modelCalls = createCounter({
    name: "openclaw_model_calls_total",
    help: "Calls of models that were answered.",
    labels: [],
  });
  const modelErrors = createCounter({
    name: "openclaw_model_errors_total",
    help: "Failed calls of models: tried again, handed to another model, or the end of the turn.",
    labels: ["then"],
  });
  const tokens = createCounter({
    name: "openclaw_model_tokens_total",
    help: "Tokens that models have counted, by kind.",
    labels: ["kind"],
  });
  const tools = createCounter({
    name: "openclaw_tool_runs_total",
    help: "Tools of agents that have run, by outcome.",
    labels: ["outcome"],
  });
  const toolTime = createHistogram(
    { name: "openclaw_tool_duration_seconds", help: "Time that tools of agents took.", labels: [] },
    turnSeconds,
  );

  return {
    watch: {
      begin: () => {
        const begunMs = performance.now();
        const since = (ms: number): number => (performance.now() - ms) / 1_000;
        const running = new Map<string, number>();
        let hasSpoken = false;
        return {
          event: (event) => {
            switch (event.type) {
              case "text":
                if (!hasSpoken) firstText.observe([], since(begunMs));
                hasSpoken = true;
                return;
              case "usage":
                modelCalls.add();
                for (const kind of ["input", "output", "cacheRead", "cacheWrite"] as const)
                  tokens.add([kind], event.usage[kind]);
                return;
              case "retry":
                return modelErrors.add(["retry"]);
              case "fallback":
                return modelErrors.add(["fallback"]);
              case "tool-start":
                return void running.set(event.toolCallId, performance.now());
              case "tool-end": {
                const startMs = running.get(event.toolCallId);
                running.delete(event.toolCallId);
                if (startMs !== undefined) toolTime.observe([], since(startMs));
                return tools.add([event.isError ? "error" : "ok"]);
              }
              default:
                return;
            }
          },
          end: (state, ended) => {
            turns.add([state]);
            turnTime.observe([state], since(begunMs));
            if (ended.type === "error") modelErrors.add(["end"]);
          },
        };
      },
    },
    instruments: [turns, turnTime, firstText, modelCalls, modelErrors, tokens, tools, toolTime],
  };
}
