/**
 * A script that builds @tensorflow/tfjs-node against today's TensorFlow, whose libraries and headers it takes from the
 * wheel that pip downloads: the package itself would fetch TensorFlow 2.9.1 (docs/tensorflow.md). It knows nothing of the
 * runtime that then loads the package. Usage: node tensorflow-setup.js [--gpu] [--tensorflow VERSION]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const TFJS_VERSION = "4.22.0";
const TENSORFLOW_VERSION = "2.21.0";
/** Any that has such a wheel: nothing of Python is used from it. */
const WHEEL_PYTHON = "3.12";

/** Extracts argument 1's headers and libraries into the folder of argument 2: include/ and lib/. */
const EXTRACT = `
import os, shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith("tensorflow/include/"):
            to = name[len("tensorflow/"):]
        elif name in ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"):
            to = "lib/" + os.path.basename(name)
        else:
            continue
        to = os.path.join(sys.argv[2], to)
        if name.endswith("/"):
            continue
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with wheel.open(name) as source, open(to, "wb") as target:
            shutil.copyfileobj(source, target)
`;

import { isLinux } from "../../../base/system.js";

/** A product in the freshly built package, in a process of its own: a library that is missing ends no more than that. */
const TRY = `
const util = require("node:util");
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const tf = require(process.argv[1]);
const [value] = tf.matMul([[1, 2]], [[3], [4]]).dataSync();
if (value !== 11) throw new Error("1·3 + 2·4 came out as " + value);
const { binding, isUsingGpuDevice } = tf.backend();
console.log("TensorFlow " + binding.TF_Version + " computes on " + (isUsingGpuDevice ? "CUDA" : "the processor"));
`;

/** What stops the setup, in words for whoever runs it. */
class SetupError extends Error {}

function run(command: string, args: readonly string[], folder: string, advice: string): void {
  const { error, status } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (error !== undefined) throw new SetupError(`"${command}" cannot be started (${error.message}). ${advice}`);
  if (status !== 0) {
    throw new SetupError(`"${command} ${args.slice(0, 3).join(" ")} …" ended with ${status}. ${advice}`);
  }
}

/** The folder of node_modules that npm installs into from here. */
function npmRoot(): string {
  const { stdout, status } = spawnSync("npm", ["root"], { encoding: "utf8" });
  if (status !== 0) throw new SetupError('"npm root" failed: run this in the folder of a package that uses npm.');
  return stdout.trim();
}

function fetchTensorflow(wheelName: string, version: string, into: string): void {
  const downloads = mkdtempSync(join(tmpdir(), "dag-tensorflow-"));
  try {
    const wheel = ["--no-deps", "--only-binary", ":all:", "--python-version", WHEEL_PYTHON, "--dest", downloads];
    run(
      "python3",
      ["-m", "pip", "download", ...wheel, `${wheelName}==${version}`],
      downloads,
      "It needs Python 3 with pip, and a version of TensorFlow that has a wheel for this machine.",
    );
    const [file] = readdirSync(downloads).filter((name) => name.endsWith(".whl"));
    if (file === undefined) throw new SetupError(`pip downloaded no wheel of ${wheelName} ${version}.`);
    rmSync(into, { recursive: true, force: true });
    mkdirSync(into);
    run("python3", ["-c", EXTRACT, join(downloads, file), into], downloads, "Is the disk full? It needs 1.5 GB.");
  } finally {
    rmSync(downloads, { recursive: true });
  }
}

function setUp(gpu: boolean, version: string): void {
  if (!isLinux()) {
    throw new SetupError(`this is for Linux, not for ${process.platform}: there, "npm install @tensorflow/tfjs-node".`);
  }
  const name = gpu ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
  const install = ["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", `${name}@${TFJS_VERSION}`];
  run("npm", install, process.cwd(), "What npm says above tells why.");
  const place = join(npmRoot(), name);
  fetchTensorflow(gpu ? "tensorflow" : "tensorflow-cpu", version, join(place, "deps"));
  // The names that the binding is linked with; it is loaded with those that the libraries have themselves.
  symlinkSync("libtensorflow_cc.so.2", join(place, "deps", "lib", "libtensorflow.so"));
  symlinkSync("libtensorflow_framework.so.2", join(place, "deps", "lib", "libtensorflow_framework.so"));
  const build = ["--no-install", "node-pre-gyp", "install", "--build-from-source"];
  run("npx", build, place, "It needs make, a C++17 compiler, and Node's headers (node-gyp fetches them).");
  rmSync(join(place, "deps", "include"), { recursive: true });
  run(process.execPath, ["-e", TRY, place], place, "The binding was built, but does not compute.");
}

try {
  const { gpu, tensorflow } = parseArgs({
    options: { gpu: { type: "boolean", default: false }, tensorflow: { type: "string", default: TENSORFLOW_VERSION } },
  }).values;
  setUp(gpu, tensorflow);
} catch (error) {
  console.error(`setup:tensorflow: ${(error as Error).message}`);
  process.exitCode = 1;
}
