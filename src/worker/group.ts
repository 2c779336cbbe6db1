/** Ends a process with all that it started: a worker leads a process group. Knows processes by their number alone. */
import { groupOf } from "../base/system.js";

/** Kills the process, and its group where it leads one. One that is gone already is no matter. */
export function killGroup(pid: number): void {
  for (const target of groupOf(pid)) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // No such group, or no such process any more.
    }
  }
}
