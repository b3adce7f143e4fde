// `npm start`: sets up what is missing, then runs the gateway. Arguments go to `openclaw gateway run`.
import { build, childEnv, cliEntry, forwardSignals, install, node, run } from "./workspace.mjs";

const prepared = (await install()) || (await build());
if (prepared !== 0) process.exit(prepared);

process.exit(
  await run(node, [cliEntry, "gateway", "run", ...process.argv.slice(2)], {
    cwd: process.cwd(),
    env: childEnv(),
    onSpawn: forwardSignals,
  }),
);
