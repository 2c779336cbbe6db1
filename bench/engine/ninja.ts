/** ninja (the Debian package ninja-build) as the peer: one `cp` for each file. Absent, it is left out with a message. */
import { spawnSync } from "node:child_process";
import { command, type EndedCommand } from "./measure.js";
import type { BenchSpace } from "./space.js";

/** Runs ninja in the space; undefined where it is not installed. */
export type Ninja = (() => Promise<EndedCommand>) | undefined;

/** Writes `build.ninja`, an edge `sources/NAME` → `copies/NAME` for each name. */
export function ninjaOver(space: BenchSpace, names: readonly string[]): Ninja {
  if (spawnSync("ninja", ["--version"]).status !== 0) {
    console.log("ninja is not installed (apt-get install ninja-build): measured without its peer.");
    return undefined;
  }
  const edges = names.map((name) => `build copies/${name}: cp sources/${name}\n`);
  space.write("build.ninja", `rule cp\n  command = cp $in $out\n${edges.join("")}`);
  return async () => {
    const ended = await command(space.folder, "ninja", "--quiet");
    if (ended.exit !== 0) throw new Error(`ninja ended with ${ended.exit}: ${ended.stdout}${ended.stderr}`);
    return ended;
  };
}
