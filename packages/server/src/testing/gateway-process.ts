import { createGateway } from "../create-gateway.ts";
import { answer, createScriptedRuntime, scriptedModel } from "./scripted-runtime.ts";
import { silentLog } from "./silent-log.ts";

/**
 * A gateway as a process of its own, to be killed: the state folder comes by environment, the address goes to stdout. A
 * message that contains `slow` is answered in many small pieces over a minute.
 */
const gateway = await createGateway({
  runtime: () =>
    createScriptedRuntime(async function* (turn, signal) {
      const last = turn.history.at(-1);
      if (!JSON.stringify(last?.content).includes("slow")) return yield* answer("quick");
      yield { type: "model", model: scriptedModel };
      for (let n = 0; n < 600 && !signal.aborted; n++) {
        yield { type: "text", delta: `${n} ` };
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      yield* answer("done");
    }),
  overrides: { host: "127.0.0.1", port: 0, drainBudgetMs: 100 },
  log: silentLog,
});
const { url } = await gateway.start();
process.on("SIGTERM", () => void gateway.stop().then(() => process.exit(0)));
process.stdout.write(`${url}\n`);
