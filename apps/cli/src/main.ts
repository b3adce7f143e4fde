import "./small-heap.ts";
import { createProcessContext } from "./context.ts";
import { runProgram } from "./program.ts";

// Whoever reads our output may stop reading (`| head`): that is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), createProcessContext());
