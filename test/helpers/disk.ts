/** Small disks for tests: mounted where the tests run as root on Linux. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Studio } from "./studio.js";

/** Whether this user may mount one. */
export function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Mounts a disk at a folder, or with `remount,…` changes the one that is there. */
export function mount(folder: string, options: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", folder], { stdio: "ignore" });
}

/** Lazily: the database's driver lets go of its files when its memory is collected. */
export function unmount(folder: string): void {
  execFileSync("umount", ["-l", folder]);
}

/** Leaves no byte free; answers the file that takes it all. */
export function fill(folder: string): string {
  const filler = join(folder, "filler");
  for (const size of [1 << 16, 1 << 12, 1]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Full for this size.
    }
  }
  return filler;
}

/** Three items of a megabyte each, which begin with a text. `output`: the folder that they are put into. */
export function megabytes(space: Studio, output: string, text = ""): void {
  const node = space.read("nodes/studio/work.js");
  space.node(
    "work",
    node.replace(
      "writeFileSync(join(context.directory, path), made)",
      'writeFileSync(join(context.directory, path), made.padEnd(1 << 20, "."))',
    ),
  );
  space.graph("g.json", {
    three: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } },
    up: {
      type: "studio/work",
      label: "up @n",
      inputs: ["three"],
      params: { text: `${text}@n`, output: `${output}/@{n}.bin` },
    },
  });
}
