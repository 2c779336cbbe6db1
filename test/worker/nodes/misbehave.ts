/** Ends, blocks or grows its worker, fails, or talks. */
import { execFileSync } from "node:child_process";
import { defineNode } from "../../../src/nodetype/define.js";

const kept: Uint8Array[] = [];

export default defineNode({
  description: "Does what a cook should not.",
  version: 1,
  params: { how: { type: "string", default: "", description: "What it does." } },
  async cook({ name }, { how }, context) {
    if (how === "exit") process.exit(3);
    if (how === "kill") process.kill(process.pid, "SIGKILL");
    if (how === "reject") throw new Error("The moon is full.", { cause: new Error("astronomy") });
    if (how === "stray") {
      setImmediate(() => {
        throw new Error("A stray error.");
      });
      await new Promise(() => {});
    }
    // What a hung native call looks like: the event loop is blocked, no signal handler runs, no time is used.
    if (how === "hang") {
      context.log("blocked");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
    if (how === "grow") for (;;) kept.push(new Uint8Array(8 << 20).fill(1));
    if (how === "heap") {
      const list: unknown[] = [];
      for (;;) list.push({ list: [...list] });
    }
    if (how === "native_print")
      execFileSync("sh", ["-c", "echo from a child; echo and its errors >&2"], { stdio: "inherit" });
    if (how === "print") {
      console.log("one\ntwo");
      process.stderr.write("thr");
      process.stderr.write("ee\nfour");
      context.log("five");
      context.warn("six");
      for (let line = 0; line < 30; line++) console.error(`line ${line}`);
      throw new Error("enough");
    }
    return { attributes: { done: name } };
  },
});
