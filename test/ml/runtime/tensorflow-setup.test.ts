import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";

const space = realpathSync(mkdtempSync(join(tmpdir(), "dag-setup-")));
afterAll(() => rmSync(space, { recursive: true }));

const onLinux = process.platform === "linux" ? test : test.skip;

/** Stand-ins for what the script calls, each the body of a shell script that can write to $LOG. */
const NPM = '[ "$1" = root ] && echo "$PWD/node_modules" || mkdir -p node_modules/@tensorflow/tfjs-node';
const PYTHON = `case "$1" in
-m) shift; while [ "$1" != --dest ]; do shift; done; echo wheel > "$2/tensorflow_cpu.whl"; echo "$3" >> "$LOG";;
-c) cat "$3" >> "$LOG"; mkdir -p "$4/include" "$4/lib"; echo library > "$4/lib/libtensorflow_cc.so.2";;
esac`;

/** The script in a new folder, where these commands are all that there is. */
function setUp(folder: string, commands: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const [cwd, bin] = [join(space, folder), join(space, folder, "bin")];
  mkdirSync(bin, { recursive: true });
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`, { mode: 0o755 });
  }
  const env = { PATH: bin, LOG: join(cwd, "log"), TMPDIR: cwd };
  const script = resolve("dist/src/ml/runtime/tensorflow/setup.js");
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { cwd, env, encoding: "utf8" });
  return { cwd, status, stderr };
}

describe("setup:tensorflow", () => {
  test("setup: an option that it has not stops it before anything is installed", () => {
    const { cwd, status, stderr } = setUp("option", { npm: NPM }, "--cuda");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^setup:tensorflow: Unknown option '--cuda'/);
    expect(existsSync(join(cwd, "node_modules"))).toBe(false);
  });

  onLinux("setup: a command that is absent or fails is named, with what it needs", () => {
    expect(setUp("no npm", {}).stderr).toContain('setup:tensorflow: "npm" cannot be started');
    const noPython = setUp("no python", { npm: NPM });
    expect(noPython.stderr).toContain('"python3" cannot be started');
    expect(noPython.stderr).toContain("It needs Python 3 with pip");
    const failing = setUp("failing", { npm: NPM, python3: "exit 3" });
    expect(failing.status).toBe(1);
    expect(failing.stderr).toContain('"python3 -m pip download …" ended with 3. It needs Python 3 with pip');
    const noCompiler = setUp("no compiler", { npm: NPM, python3: PYTHON, npx: "exit 1" });
    expect(noCompiler.stderr).toContain("It needs make, a C++17 compiler");
  });

  onLinux("setup: the wheel of the version asked for is laid into the package, linked, built against and tried", () => {
    const npx = 'ls deps/include deps/lib/libtensorflow.so && echo "$PWD $*" >> "$LOG"';
    const { cwd, status, stderr } = setUp("whole", { npm: NPM, python3: PYTHON, npx }, "--tensorflow", "2.20.0");
    const place = join(cwd, "node_modules/@tensorflow/tfjs-node");
    expect(readFileSync(join(cwd, "log"), "utf8").split("\n")).toEqual([
      "tensorflow-cpu==2.20.0",
      "wheel",
      `${place} --no-install node-pre-gyp install --build-from-source`,
      "",
    ]);
    expect(readlinkSync(join(place, "deps/lib/libtensorflow.so"))).toBe("libtensorflow_cc.so.2");
    expect(readlinkSync(join(place, "deps/lib/libtensorflow_framework.so"))).toBe("libtensorflow_framework.so.2");
    expect(existsSync(join(place, "deps/include"))).toBe(false);
    // There is no package here that could compute.
    expect(status).toBe(1);
    expect(stderr).toContain("The binding was built, but does not compute.");
  });
});
