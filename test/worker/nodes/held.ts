/** Waits for the test's word: until its gate, a file, is there. Says when it comes and goes in a journal. */
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { defineNode } from "../../../src/nodetype/define.js";

export default defineNode({
  description: "Waits for the test's word.",
  version: 1,
  params: {
    gate: { type: "string", default: "", description: "The file that lets it go on; empty: it does not wait." },
    journal: { type: "string", default: "", description: "Where lines `+name units` and `-name units` go." },
    units: { type: "integer", default: 1, description: "Written to the journal." },
    on_stop: { type: "string", default: "partial", description: "partial, reject or ignore." },
  },
  async cook({ name }, { gate, journal, units, on_stop }, { directory, signal, progress }) {
    const say = (sign: string) => {
      if (journal !== "") appendFileSync(journal, `${sign}${name} ${units}\n`);
    };
    say("+");
    progress({ fraction: 0, loss: Number.NaN });
    while (gate !== "" && !existsSync(gate)) {
      if (signal.aborted && on_stop === "reject") signal.throwIfAborted();
      if (signal.aborted && on_stop === "partial") {
        appendFileSync(join(directory, "saved.txt"), name);
        say("-");
        return { outputs: [{ path: "saved.txt", tag: "file/text" }], partial: true };
      }
      await pause(2);
    }
    say("-");
    return { attributes: { done: name } };
  },
});
