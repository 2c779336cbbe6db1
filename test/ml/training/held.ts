/**
 * Loaded into every process of a `dag cook` (`--import`): at the n-th time that a training puts its state in place, it kills
 * engine and worker (`KILL_AT`), or waits for a file (`HOLD_AT`, `GO`; `HELD` says that it waits). So a test chooses the moment.
 */
import { existsSync, writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

const { KILL_AT, HOLD_AT, HELD, GO } = process.env;
const rename = files.rename;
let count = 0;

files.rename = async (from, to) => {
  if (String(to).endsWith("state.safetensors")) {
    count += 1;
    if (count === Number(KILL_AT)) {
      process.kill(process.ppid, "SIGKILL");
      process.kill(process.pid, "SIGKILL");
    }
    if (count === Number(HOLD_AT)) {
      writeFileSync(HELD!, "");
      while (!existsSync(GO!)) await pause(5);
    }
  }
  await rename(from, to);
};
syncBuiltinESMExports();
