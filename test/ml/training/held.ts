/**
 * Loaded into a process that trains (`--import`): at the n-th time that it puts its state in place, it kills itself (`KILL_AT`),
 * its engine first (`KILL_ENGINE`), or waits for a file (`HOLD_AT`, `GO`; `UNCHANGED` says that it waits). So a test chooses the
 * moment.
 */
import { existsSync, writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

const { KILL_AT, KILL_ENGINE, HOLD_AT, HELD, GO } = process.env;
const rename = files.rename;
let count = 0;

files.rename = async (from, to) => {
  if (String(to).endsWith("state.safetensors")) {
    count += 1;
    if (count === Number(KILL_AT)) {
      if (KILL_ENGINE === "yes") process.kill(process.ppid, "SIGKILL");
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
