/** Programs that a test needs beside node: what they are called, and whether they are there. */
import { spawnSync } from "node:child_process";
import { test } from "@jest/globals";

/** `test`, or where a program is not there `test.skip`, so that the report names what was left out. */
export function testWith(program: string, version = "--version"): typeof test | typeof test.skip {
  return spawnSync(program, [version]).status === 0 ? test : test.skip;
}
